"""Teaching a network on a hundred tiny pictures: it learns from its teachers, and goes on where it stopped."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import torch

    from model.data import Split

pytestmark = pytest.mark.torch


@pytest.fixture
def parts(split: "Split") -> "tuple[Split, Split]":
    from model.data import hold_out

    return hold_out(split, per_class=5, seed=0)


@pytest.fixture
def state(parts: "tuple[Split, Split]", tmp_path: Path) -> dict[str, Any]:
    from model.train import Recipe, train

    recipe = Recipe(
        epochs=1, averaging_rounds=0, batch_size=25, whitening_images=50, whitening_epochs=1, bfloat16=False
    )
    return train(recipe, *parts, tmp_path / "checkpoint.pt")


def always(label: int) -> "Any":
    """A teacher that is sure of one class, whatever it sees."""
    import torch

    def teach(inputs: "torch.Tensor") -> "torch.Tensor":
        return 20 * torch.nn.functional.one_hot(torch.full((len(inputs),), label), 10).float()

    return teach


def test_the_student_comes_to_answer_as_its_teachers_do(
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


def test_the_state_tells_of_both_parts(state: dict[str, Any], parts: "tuple[Split, Split]", tmp_path: Path) -> None:
    from model.distil import Distillation, distil, from_state

    before, seconds = list(state["history"]), state["seconds"]
    taught = distil(state, Distillation(epochs=2), [from_state(state["network"])], *parts, tmp_path / "distilled.pt")
    assert taught["history"][: len(before)] == before
    assert [row["epoch"] for row in taught["history"]] == [1, 2, 3]
    assert taught["seconds"] > seconds
    assert taught["recipe"]["distillation"]["epochs"] == 2
    assert len(taught["recipe"]["distillation"]["code"]) == 64


def test_a_run_that_was_interrupted_goes_on(
    state: dict[str, Any], parts: "tuple[Split, Split]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import copy

    from model import distil, train
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
    assert train.Recipe(**state["recipe"])


def test_another_plan_or_other_data_is_refused(
    state: dict[str, Any], parts: "tuple[Split, Split]", tmp_path: Path
) -> None:
    import copy

    from model.distil import Distillation, distil

    distil(copy.deepcopy(state), Distillation(epochs=1), [always(0)], *parts, tmp_path / "distilled.pt")
    with pytest.raises(ValueError, match="another plan"):
        distil(copy.deepcopy(state), Distillation(epochs=3), [always(0)], *parts, tmp_path / "distilled.pt")
    with pytest.raises(ValueError, match="other data"):
        distil(state, Distillation(epochs=1), [always(0)], parts[1], parts[0], tmp_path / "new.pt")


def test_a_teacher_that_has_shipped_answers_as_its_engine_does() -> None:
    import numpy as np
    import torch

    from model import engines
    from model.artifact import Artifact
    from model.distil import from_artifact
    from model.preprocess import normalise

    artifact = Artifact.open()
    golden = artifact.golden()
    pixels = torch.from_numpy(golden.images).permute(0, 3, 1, 2)
    expected = engines.load("torch", artifact, precision="float32", threads=1).predict(golden.images)
    with torch.inference_mode():
        np.testing.assert_allclose(from_artifact(artifact)(normalise(pixels)).numpy(), expected, atol=0.05)


def test_the_command_line_teaches_with_the_run_itself_and_with_artifacts(
    split: "Split", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from model import data, distil, train
    from model.artifact import DEFAULT_DIRECTORY

    run = tmp_path / "run"
    recipe = train.Recipe(
        epochs=1, averaging_rounds=0, batch_size=25, whitening_images=50, validation_per_class=5, bfloat16=False
    )
    training, validation = data.hold_out(split, recipe.validation_per_class, recipe.seed)
    train.train(recipe, training, validation, run / "checkpoint.pt")
    exported: list[Any] = []
    monkeypatch.setattr(data, "load", lambda *_, **__: data.Cifar10(split, split, "a test"))
    monkeypatch.setattr(distil, "export", lambda *arguments: exported.extend(arguments))
    monkeypatch.setattr(
        sys, "argv", f"distil --data D --run {run} --teacher {DEFAULT_DIRECTORY} --out O --epochs 1".split()
    )
    distil.main()
    assert len(exported[0]["history"]) == 2
    assert exported[0]["teachers"][0] == "the network itself, as trained"
    assert exported[0]["teachers"][1].startswith("cifar10-cnn ")
    assert exported[4:] == ["a test", Path("O")]
