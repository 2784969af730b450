"""Learning rates decay to zero, the whitening bias is fixed early, and filters are scaled to a fixed norm."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from model.network import Network
    from model.optimiser import Optimiser

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("narrow_networks")]


def prepare() -> "tuple[Network, Optimiser]":
    import torch

    from model.network import Network, initialise
    from model.optimiser import Optimiser

    torch.manual_seed(0)
    network = Network()
    initialise(network, torch.randn(20, 3, 32, 32))
    optimiser = Optimiser(network, filter_rate=0.06, bias_rate=0.05, head_rate=0.5, decay=1e-3, whitening_share=0.25)
    return network, optimiser


def moved(progress: float) -> set[str]:
    """Names of the parameters whose direction one step changes; scaling filters does not change it."""
    import torch
    from torch.nn.functional import normalize

    network, optimiser = prepare()
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    network(torch.randn(2, 3, 32, 32)).square().sum().backward()
    optimiser.step(progress, 1 - progress)
    return {
        name
        for name, parameter in network.named_parameters()
        if not torch.allclose(normalize(parameter.flatten(), dim=0), normalize(before[name].flatten(), dim=0))
    }


def test_the_first_step_changes_everything_but_the_frozen_parameters() -> None:
    network, _ = prepare()
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert moved(0.0) == trained
    assert "whiten.weight" not in trained
    assert not any("norm" in name and name.endswith("weight") for name in trained)


def test_the_whitening_bias_is_fixed_after_its_share_and_everything_at_the_end() -> None:
    assert "whiten.bias" in moved(0.2)
    assert "whiten.bias" not in moved(0.3)
    assert not moved(1.0)


def test_filters_are_scaled_to_a_fixed_norm_before_each_step() -> None:
    import torch

    network, optimiser = prepare()
    network(torch.randn(2, 3, 32, 32)).square().sum().backward()
    optimiser.step(1.0, 0.0)
    for name, parameter in network.groups.named_parameters():
        if parameter.ndim == 4:
            assert parameter.norm().item() == pytest.approx(len(parameter) ** 0.5, rel=1e-4), name


def test_its_state_can_be_saved_and_restored() -> None:
    import torch

    network, optimiser = prepare()
    network(torch.randn(2, 3, 32, 32)).square().sum().backward()
    optimiser.step(0.0, 1.0)
    _, other = prepare()
    other.load_state_dict(optimiser.state_dict())
    torch.testing.assert_close(other.state_dict(), optimiser.state_dict())
