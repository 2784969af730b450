"""Training of a narrow network on fifty images: averaging, resuming, and refusing other checkpoints."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from model.data import Split
    from model.train import Recipe

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("narrow_networks")]


@pytest.mark.parametrize("cut", [1, 3], ids=["decay", "averaging"])
def test_a_resumed_run_ends_like_an_uninterrupted_one(
    recipe: "Recipe", parts: "tuple[Split, Split]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    import torch

    from model import train

    whole = train.train(recipe, *parts, tmp_path / "whole.pt")
    train_epoch = train._train_epoch

    def interrupted(*arguments: Any) -> float:
        if arguments[5] == cut:
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(train, "_train_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train.train(recipe, *parts, tmp_path / "cut.pt")
    monkeypatch.undo()
    resumed = train.train(recipe, *parts, tmp_path / "cut.pt")
    for again, once in zip(resumed["history"], whole["history"], strict=True):
        assert again == pytest.approx(once)
    torch.testing.assert_close(resumed["network"], whole["network"], rtol=1e-4, atol=1e-5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.pt", "whole.pt"]


def test_the_result_is_the_mean_of_the_weights_of_the_averaging_rounds(
    recipe: "Recipe", parts: "tuple[Split, Split]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from model import train
    from model.optimiser import Optimiser

    seen: list[torch.Tensor] = []
    step = Optimiser.step

    def watched(self: Any, progress: float, rate: float) -> None:
        step(self, progress, rate)
        if progress >= 1:
            seen.append(self._convs[0].weight.detach().clone())

    monkeypatch.setattr(Optimiser, "step", watched)
    state = train.train(recipe, *parts, tmp_path / "checkpoint.pt")
    torch.testing.assert_close(state["network"]["groups.0.conv1.weight"], torch.stack(seen).mean(0))
    assert len(seen) == 2 * (len(parts[0]) // recipe.batch_size)


def test_without_averaging_the_run_ends_with_the_decay(
    recipe: "Recipe", parts: "tuple[Split, Split]", tmp_path: Path
) -> None:
    from model.train import train

    state = train(dataclasses.replace(recipe, epochs=1, averaging_rounds=0), *parts, tmp_path / "checkpoint.pt")
    assert len(state["history"]) == 1
    assert int(state["average"]["n_averaged"]) == 0


def test_a_finished_run_is_not_trained_again(
    recipe: "Recipe", parts: "tuple[Split, Split]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model import train

    short = dataclasses.replace(recipe, epochs=1, averaging_rounds=1, averaged_epochs=1)
    first = train.train(short, *parts, tmp_path / "checkpoint.pt")
    monkeypatch.setattr(train, "_train_epoch", pytest.fail)
    again = train.train(short, *parts, tmp_path / "checkpoint.pt")
    assert again["history"] == first["history"]
    assert (again["code"], len(first["data"])) == (first["code"], 64)


def test_a_finished_run_can_continue_with_more_rounds_but_not_with_fewer(
    recipe: "Recipe", parts: "tuple[Split, Split]", tmp_path: Path
) -> None:
    from model.train import train

    once, twice = (dataclasses.replace(recipe, epochs=1, averaging_rounds=rounds) for rounds in (1, 2))
    first = train(once, *parts, tmp_path / "checkpoint.pt")
    longer = train(twice, *parts, tmp_path / "checkpoint.pt")
    assert longer["history"][: len(first["history"])] == first["history"]
    assert (len(longer["history"]), longer["recipe"]["averaging_rounds"]) == (3, 2)
    with pytest.raises(ValueError, match="has been trained for longer"):
        train(once, *parts, tmp_path / "checkpoint.pt")


def test_another_recipe_or_other_data_is_refused(
    recipe: "Recipe", parts: "tuple[Split, Split]", tmp_path: Path
) -> None:
    from model.train import train

    checkpoint = tmp_path / "checkpoint.pt"
    short = dataclasses.replace(recipe, epochs=1, averaging_rounds=1, averaged_epochs=1)
    train(short, *parts, checkpoint)
    with pytest.raises(ValueError, match=f"{checkpoint} was made with another recipe"):
        train(dataclasses.replace(short, filter_rate=0.1), *parts, checkpoint)
    with pytest.raises(ValueError, match="another data"):
        train(short, parts[1], parts[0], checkpoint)


def test_the_command_line_loads_trains_and_exports(
    split: "Split", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model import data, train

    calls: list[Any] = []

    def recorder(result: Any) -> Callable[..., Any]:
        def record(*arguments: Any, **named: Any) -> Any:
            calls.append((*arguments, *named.values()))
            return result

        return record

    monkeypatch.setattr(data, "load", recorder(data.Cifar10(split, split, "a test")))
    monkeypatch.setattr(train, "train", recorder({"state": 1}))
    monkeypatch.setattr(train, "export", recorder(None))
    run, out = tmp_path / "run", tmp_path / "out"
    arguments = f"train --data D --run {run} --out {out} --epochs 3 --averaging-rounds 1"
    monkeypatch.setattr(sys, "argv", arguments.split())
    train.main()
    (read, trained, exported) = calls
    assert read == (Path("D"), run)
    assert (trained[0], trained[3]) == (train.Recipe(epochs=3, averaging_rounds=1), run / "checkpoint.pt")
    assert (exported[0], exported[3], exported[4:]) == ({"state": 1}, split, ("a test", out))
