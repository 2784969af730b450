"""Distillation into a narrow network: it learns from its teachers, and an interrupted run resumes."""

import copy
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import torch

    from model.data import Split
    from model.train import Recipe

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("narrow_networks")]


@pytest.fixture
def state(recipe: "Recipe", parts: "tuple[Split, Split]", tmp_path: Path) -> dict[str, Any]:
    """The state of a run of one epoch, whose checkpoint is ``checkpoint.pt``."""
    from model.train import train

    short = dataclasses.replace(recipe, epochs=1, averaging_rounds=0)
    return train(short, *parts, tmp_path / "checkpoint.pt")


def always(label: int) -> "Any":
    """A teacher that predicts one class with certainty."""
    import torch

    def teach(inputs: "torch.Tensor") -> "torch.Tensor":
        return 20 * torch.nn.functional.one_hot(torch.full((len(inputs),), label), 10).float()

    return teach


def test_the_student_learns_the_predictions_of_its_teachers(
    state: dict[str, Any], parts: "tuple[Split, Split]", tmp_path: Path
) -> None:
    from model.distil import Distillation, distil
    from model.network import Network
    from model.train import predict

    plan = Distillation(epochs=6, rate=1.0, labels=0.0)
    taught = distil(state, plan, [always(7)], *parts, tmp_path / "distilled.pt")
    network = Network()
    network.load_state_dict(taught["network"])
    assert (predict(network, parts[1].images).argmax(1) == 7).float().mean() > 0.8


def test_the_state_describes_training_and_distillation(
    state: dict[str, Any], parts: "tuple[Split, Split]", tmp_path: Path
) -> None:
    from model.distil import Distillation, distil, from_state

    before, seconds = list(state["history"]), state["seconds"]
    taught = distil(state, Distillation(epochs=2), [from_state(state["network"])], *parts, tmp_path / "distilled.pt")
    assert taught["history"][: len(before)] == before
    assert [row["epoch"] for row in taught["history"]] == [1, 2, 3]
    assert taught["seconds"] > seconds
    assert taught["recipe"]["distillation"]["epochs"] == 2
    assert len(taught["recipe"]["distillation"]["code"]) == 64


def test_an_interrupted_run_resumes(
    state: dict[str, Any], parts: "tuple[Split, Split]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model import distil
    from model.augment import batches

    plan = distil.Distillation(epochs=2)
    teachers = [always(0)]
    whole = distil.distil(copy.deepcopy(state), plan, teachers, *parts, tmp_path / "whole.pt")
    calls = []

    def interrupted(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return batches(*arguments)

    monkeypatch.setattr(distil, "batches", interrupted)
    with pytest.raises(KeyboardInterrupt):
        distil.distil(copy.deepcopy(state), plan, teachers, *parts, tmp_path / "cut.pt")
    monkeypatch.undo()
    resumed = distil.distil(copy.deepcopy(state), plan, teachers, *parts, tmp_path / "cut.pt")
    for again, once in zip(resumed["history"], whole["history"], strict=True):
        assert again == pytest.approx(once)


def test_another_plan_or_other_data_is_refused(
    state: dict[str, Any], parts: "tuple[Split, Split]", tmp_path: Path
) -> None:
    from model.distil import Distillation, distil

    distil(copy.deepcopy(state), Distillation(epochs=1), [always(0)], *parts, tmp_path / "distilled.pt")
    with pytest.raises(ValueError, match="another plan"):
        distil(copy.deepcopy(state), Distillation(epochs=3), [always(0)], *parts, tmp_path / "distilled.pt")
    with pytest.raises(ValueError, match="other data"):
        distil(state, Distillation(epochs=1), [always(0)], parts[1], parts[0], tmp_path / "new.pt")


def test_an_artifact_as_teacher_gives_the_logits_of_its_engine(artifact: Path, split: "Split") -> None:
    import numpy as np
    import torch

    from model import engines
    from model.artifact import Artifact
    from model.distil import from_artifact
    from model.evaluate import pixels
    from model.network import normalise

    opened = Artifact.open(artifact)
    expected = engines.load("torch", opened, precision="float32", threads=1).predict(pixels(split))
    with torch.inference_mode():
        found = from_artifact(opened)(normalise(split.images)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.abs(expected).max())


def test_the_command_line_distils_the_run_itself_and_artifacts(
    state: dict[str, Any], split: "Split", artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model import data, distil

    exported: list[Any] = []
    monkeypatch.setattr(data, "load", lambda *_, **__: data.Cifar10(split, split, "a test"))
    monkeypatch.setattr(distil, "export", lambda *arguments: exported.extend(arguments))
    monkeypatch.setattr(
        sys, "argv", f"distil --data D --run {tmp_path} --teacher {artifact} --out O --epochs 1".split()
    )
    distil.main()
    assert len(exported[0]["history"]) == len(state["history"]) + 1
    assert exported[0]["teachers"] == ["the network itself, as trained", "tiny 0.0.1"]
    assert exported[4:] == ["a test", Path("O")]
