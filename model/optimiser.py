"""The optimiser: Muon for the convolution filters, SGD for the biases and the head, with a common schedule.

Muon (https://kellerjordan.github.io/posts/muon) orthogonalises each update. PyTorch's implementation accepts only
matrices, so filters ``[out, in, 3, 3]`` are passed as ``[out, in * 9]`` views.
"""

from typing import Any

import torch
from torch import nn

from model.network import Network


class Optimiser:
    """Updates all parameters in one :meth:`step`; the rates are peak learning rates."""

    def __init__(
        self,
        network: Network,
        *,
        filter_rate: float,
        bias_rate: float,
        head_rate: float,
        decay: float,
        whitening_share: float,
    ) -> None:
        self._whitening_share = whitening_share
        self._convs = [module for module in network.groups.modules() if isinstance(module, nn.Conv2d)]
        self._matrices = [nn.Parameter(conv.weight.data.flatten(1)) for conv in self._convs]
        self._muon = torch.optim.Muon(self._matrices, lr=filter_rate, momentum=0.9, weight_decay=0.0, ns_steps=3)
        norms = [p for name, p in network.groups.named_parameters() if "norm" in name and p.requires_grad]
        assert network.whiten.bias is not None
        self._sgd = torch.optim.SGD(
            [
                {"params": [network.whiten.bias], "lr": bias_rate, "weight_decay": decay / bias_rate},
                {"params": norms, "lr": bias_rate, "weight_decay": decay / bias_rate},
                {"params": [network.head.weight], "lr": head_rate, "weight_decay": decay / head_rate},
            ],
            momentum=0.9,
            nesterov=True,
        )
        self._rates = [group["lr"] for group in self._groups()]

    def step(self, progress: float, rate: float) -> None:
        """Apply the gradients of a loss summed over the batch, at ``rate`` times the peak learning rates.

        ``progress`` is the share of training that is done, 0..1; after ``whitening_share`` the whitening bias is fixed.
        """
        for group, peak in zip(self._groups(), self._rates, strict=True):
            group["lr"] = peak * rate
        whitening = self._sgd.param_groups[0]
        whitening["lr"] = self._rates[0] * max(0.0, 1 - progress / self._whitening_share)
        for conv, matrix in zip(self._convs, self._matrices, strict=True):
            assert conv.weight.grad is not None
            matrix.grad = conv.weight.grad.flatten(1)
            # The norm after each convolution cancels the filters' scale; a fixed one makes steps comparable.
            matrix.data.mul_(len(matrix) ** 0.5 / matrix.data.norm())
            conv.weight.grad = None
        self._sgd.step()
        self._muon.step()  # type: ignore[no-untyped-call]
        self._sgd.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        return {"muon": self._muon.state_dict(), "sgd": self._sgd.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._muon.load_state_dict(state["muon"])
        self._sgd.load_state_dict(state["sgd"])

    def _groups(self) -> list[dict[str, Any]]:
        return [*self._sgd.param_groups, *self._muon.param_groups]
