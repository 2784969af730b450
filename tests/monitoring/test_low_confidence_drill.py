"""The picture with which the alert on guesses can be tried."""

import re
from pathlib import Path

import numpy as np
import pytest

from model.artifact import Artifact
from model.engines import ENGINES, load
from model.features import of_answers
from service.telemetry.metrics.predictions import LOW_CONFIDENCE

RUNBOOK = (Path(__file__).parents[2] / "monitoring/runbooks/Cifar10LowConfidence.md").read_text()


@pytest.mark.torch
@pytest.mark.parametrize("engine", ENGINES)
def test_the_model_that_ships_only_guesses_what_it_shows(engine: str) -> None:
    [parts] = re.findall(r"\(32, 32\), \((\d+), (\d+), (\d+)\)\)", RUNBOOK)
    colour = [int(part) for part in parts]
    [percent] = re.findall(r"its likeliest class (\d+) %", RUNBOOK)
    picture = np.tile(np.array(colour, np.uint8), (1, 32, 32, 1))
    logits = load(engine, Artifact.open(), precision="float32", threads=1).predict(picture)
    [confidence] = of_answers(logits)["confidence"]
    assert confidence < LOW_CONFIDENCE
    assert confidence == pytest.approx(int(percent) / 100, abs=0.005)
