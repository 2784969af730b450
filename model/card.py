"""Builds the model card, ``card.json``: all published figures and how each was obtained."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from model import provenance
from model.data import Split
from model.evaluate import Cell, Evaluation
from model.labels import CLASSES
from model.network import SIZE, Network

SCHEMA = 2
NAME = "cifar10-cnn"
VERSION = "1.2.0"


def multiply_accumulates(network: Network) -> int:
    """Multiply-accumulates of convolutions and head for one image, counted by PyTorch."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, 3, SIZE, SIZE))
    return int(counter.get_total_flops()) // 2


def identity(network: Network, version: str) -> dict[str, Any]:
    """Name, version, classes, input and size of the model."""
    return {
        "schema": SCHEMA,
        "name": NAME,
        "version": version,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "classes": list(CLASSES),
        "input": {"size": SIZE, "channels": "RGB", "range": "0..255, uint8"},
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "multiply_accumulates": multiply_accumulates(network),
    }


def training(state: dict[str, Any]) -> dict[str, Any]:
    """The training run, from the state that :func:`model.train.train` returns."""
    history = [
        [row["epoch"], round(row["training_loss"], 4), round(row["validation_accuracy"], 4)] for row in state["history"]
    ]
    return {
        "command": "python -m model.train --data FOLDER",
        "recipe": state["recipe"],
        "teachers": state.get("teachers", []),
        "epochs": len(history),
        "seconds": round(state["seconds"]),
        "code_sha256": state["code"],
        "final_validation_accuracy": history[-1][2],
        "history_columns": ["epoch", "training_loss", "validation_accuracy"],
        "history": history,
        "exported_with": origin(),
    }


def data(source: str, note: str, splits: dict[str, Split]) -> dict[str, Any]:
    """The data that the model was trained and tested on."""
    return {
        "source": source,
        "note": note,
        **{name: {"images": len(split), "sha256": split.sha256()} for name, split in splits.items()},
    }


def evaluation(found: Evaluation, others: dict[str, Evaluation], cells: Iterable[Cell]) -> dict[str, Any]:
    """All figures of the test split in float32, two for each precision in ``others``, and the corruption table."""
    return {
        "command": "python -m model.evaluate --data FOLDER --split test --precision float32",
        "split": "test",
        **rounded(asdict(found)),
        "other_precisions": {
            precision: rounded({"accuracy": other.accuracy, "calibration_error": other.calibration_error})
            for precision, other in others.items()
        },
        "corruptions": [rounded(asdict(cell)) for cell in cells],
        **origin(),
    }


def files(contents: dict[str, bytes]) -> dict[str, Any]:
    """Size and hash of each file of the artifact."""
    return {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures rounded to six decimals, at any depth."""

    def cut(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 6)
        if isinstance(value, dict):
            return rounded(value)
        return [cut(item) for item in value] if isinstance(value, list | tuple) else value

    return {name: cut(value) for name, value in figures.items()}


def write(card: dict[str, Any], path: Path) -> None:
    """Write the card as JSON, with each list of numbers on one line."""
    text = json.dumps(card, indent=2, ensure_ascii=False)
    text = re.sub(r"\[[-\d.e,\s]+\]", lambda match: "[" + " ".join(match[0][1:-1].split()) + "]", text)
    path.write_text(text + "\n")


def origin() -> dict[str, Any]:
    """Library versions and the machine that a figure was measured with."""
    return {"versions": provenance.versions(), "machine": provenance.machine()}
