"""Add ONNX Runtime's float32 and int8 graphs to an artifact: ``python -m model.quantise --help``.

Static quantisation (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html): weights are int8
with a scale for each output channel, activations uint8 with a scale for each tensor, measured on training images. The
whitening layer and the head are sensitive to rounding and stay in float32.
"""

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

from model import card, data
from model.artifact import CARD, DEFAULT_DIRECTORY, Artifact
from model.engines import Engine, load
from model.engines.onnxruntime import GRAPHS, IMAGES
from model.evaluate import measure, pixels, predict
from model.onnx_graph import HEAD, WHITEN, build, without_weights
from model.selection import describe, tolerance

CALIBRATION_IMAGES = 1_000
BATCH = 50

Images = NDArray[np.uint8]


def quantise(model: onnx.ModelProto, images: Images) -> bytes:
    """The int8 graph of a float32 graph, with activation ranges measured on ``images`` ``[N, 32, 32, 3]``."""
    with tempfile.TemporaryDirectory() as folder:
        given, prepared, done = (Path(folder) / f"{name}.onnx" for name in ("given", "prepared", "done"))
        onnx.save(model, given)
        quant_pre_process(given, prepared, skip_symbolic_shape=True)
        quantization.quantize_static(
            prepared,
            done,
            _Calibration(images),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=[WHITEN, HEAD],
        )
        return done.read_bytes()


class _Calibration(quantization.CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, images: Images) -> None:
        self._batches = iter([images[i : i + BATCH] for i in range(0, len(images), BATCH)])

    def get_next(self) -> dict[str, Images] | None:
        batch = next(self._batches, None)
        return None if batch is None else {IMAGES: batch}


def extend(folder: Path, training: data.Split, validation: data.Split, test: data.Split) -> None:
    """Write both graphs to an artifact folder and add their description and evaluation to its card.

    Activation ranges are measured on ``training``, the tolerance on ``validation``; ``test`` is only evaluated.
    """
    artifact = Artifact.open(folder)
    model = build(artifact.weights(), artifact.card.name)
    calibration = pixels(training)[:: max(1, len(training) // CALIBRATION_IMAGES)][:CALIBRATION_IMAGES]
    contents = {GRAPHS["float32"]: without_weights(model), GRAPHS["int8"]: quantise(model, calibration)}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    written = json.loads((folder / CARD).read_text())
    written["files"].update(card.files(contents))
    written["quantisation"] = {
        "command": "python -m model.quantise --data FOLDER",
        "method": "static, QDQ, int8 weights by channel, uint8 activations by tensor; whitening and head in float32",
        "calibration_images": len(calibration),
        "versions": card.origin()["versions"],
    }
    card.write(written, folder / CARD)
    # Evaluate what was written, with the engine that will serve it.
    extended = Artifact.open(folder)
    reference = load("torch", extended, precision="float32")
    tolerances = {**written["golden"]["tolerance"], "int8": _tolerance(extended, reference, validation)}
    written["golden"] = describe(extended.golden(), tolerances, len(validation))
    written["evaluation"]["other_engines"] = _evaluation(extended, reference, test)
    card.write(written, folder / CARD)


def _tolerance(artifact: Artifact, reference: Engine, validation: data.Split) -> float:
    images = pixels(validation)
    engine = load("onnxruntime", artifact, precision="int8")
    return tolerance("int8", predict(engine, images), predict(reference, images))


def _evaluation(artifact: Artifact, reference: Engine, test: data.Split) -> dict[str, Any]:
    """Figures on the test images and agreement with the reference's classes, by engine and precision."""
    figures, images = {}, pixels(test)
    answers = predict(reference, images).argmax(axis=1)
    for precision in GRAPHS:
        logits = predict(load("onnxruntime", artifact, precision=precision), images)
        found = asdict(measure(logits, test.labels.numpy()))
        agreement = float((logits.argmax(axis=1) == answers).mean())
        chosen = {name: found[name] for name in ("accuracy", "calibration_error", "negative_log_likelihood")}
        figures[f"onnxruntime {precision}"] = card.rounded({**chosen, "agreement_with_float32": agreement})
    return figures


def main() -> None:
    """Command line: open the artifact, load the data, add the graphs."""
    parser = argparse.ArgumentParser(
        prog="python -m model.quantise", description="Add ONNX Runtime's graphs to an artifact."
    )
    parser.add_argument("--data", type=Path, help="folder with train/<class>/* and test/<class>/*; default: download")
    parser.add_argument("--artifact", type=Path, default=DEFAULT_DIRECTORY, help="artifact folder")
    arguments = parser.parse_args()
    recipe = Artifact.open(arguments.artifact).card.raw["training"]["recipe"]
    cifar10 = data.load(arguments.data, download_to=Path("runs/default"))
    training, validation = data.hold_out(cifar10.train, recipe["validation_per_class"], recipe["seed"])
    extend(arguments.artifact, training, validation, cifar10.test)
    for name, figures in Artifact.open(arguments.artifact).card.raw["evaluation"]["other_engines"].items():
        print(name, ", ".join(f"{key.replace('_', ' ')} {value:.4f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
