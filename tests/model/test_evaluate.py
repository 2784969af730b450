"""Figures computed from logits, and the command that prints them."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.labels import CLASSES

pytestmark = pytest.mark.torch


def test_figures_follow_from_logits_and_labels() -> None:
    from model.evaluate import measure

    labels = np.arange(10).repeat(2)
    logits = 3 * np.eye(10, dtype=np.float32)[labels]
    logits[1] = 3 * np.eye(10)[9]  # one airplane is classified as a truck
    found = measure(logits, labels)
    assert (found.images, found.accuracy) == (20, 0.95)
    assert (found.per_class["airplane"], found.per_class["truck"]) == (0.5, 1.0)
    assert found.confusion[0] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    confidence = np.exp(3) / (np.exp(3) + 9)
    assert found.mean_confidence == pytest.approx(confidence)
    assert found.calibration_error == pytest.approx(0.95 - confidence)
    assert found.mean_energy == pytest.approx(-np.log(np.exp(3) + 9))


def test_the_interval_is_wilsons() -> None:
    from model.evaluate import measure

    labels = np.zeros(100, int)
    logits = np.eye(10, dtype=np.float32)[[0] * 90 + [1] * 10]
    assert measure(logits, labels).interval95 == pytest.approx((0.8256, 0.9448), abs=1e-4)


def test_the_command_prints_a_table_of_the_shipped_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from model.evaluate import main

    for part in ("train", "test"):
        for i, name in enumerate(CLASSES):
            (tmp_path / part / name).mkdir(parents=True)
            Image.new("RGB", (32, 32), (25 * i, 90, 10)).save(tmp_path / part / name / "0.png")
    options = ["--data", str(tmp_path), "--precision", "float32", "--threads", "1"]
    monkeypatch.setattr(sys, "argv", ["evaluate", *options])
    main()
    printed = capsys.readouterr().out
    assert "cifar10-cnn" in printed
    assert "torch float32, test split" in printed
    assert "images                    10" in printed
    assert printed.count("gaussian noise") == 3
    monkeypatch.setattr(sys, "argv", ["evaluate", *options, "--split", "validation", "--no-corruptions"])
    main()
    printed = capsys.readouterr().out
    assert "validation split" in printed
    assert "gaussian noise" not in printed
