"""The ONNX Runtime engine on the shipped model."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifact import Artifact, ArtifactError
from model.engines import ENGINES, cpu, load
from model.engines.golden import check
from tests.model.conftest import WriteArtifact

Images = NDArray[np.uint8]

NEEDS_INT8 = pytest.mark.skipif(
    not cpu.has_int8(), reason="this CPU has no instructions that accumulate int8 products in 32 bits"
)
PRECISIONS = ["float32", pytest.param("int8", marks=NEEDS_INT8)]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_it_passes_the_self_test(shipped: Artifact, precision: str) -> None:
    engine = load("onnxruntime", shipped, precision=precision, threads=1)
    result = check(engine, shipped.golden(), shipped.card.tolerances[precision])
    assert result.passed, result.detail
    assert (engine.name, engine.precision, engine.threads) == ("onnxruntime", precision, 1)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_prediction_does_not_depend_on_the_rest_of_the_batch(
    shipped: Artifact, images: Images, precision: str
) -> None:
    engine = load("onnxruntime", shipped, precision=precision, threads=1)
    together = engine.predict(images)
    alone = np.concatenate([engine.predict(image[None]) for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-3)
    assert together.shape == (16, 10)
    assert together.dtype == np.float32


@pytest.mark.torch
def test_in_float32_it_computes_what_torch_computes(shipped: Artifact, images: Images) -> None:
    ours, torchs = (load(name, shipped, precision="float32", threads=1).predict(images) for name in ENGINES)
    np.testing.assert_allclose(ours, torchs, atol=1e-4)


def test_auto_selects_int8_if_the_cpu_supports_it(shipped: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    for supported, precision in ((cpu.has_int8(), "int8"), (False, "float32")):
        monkeypatch.setattr(cpu, "has_int8", lambda supported=supported: supported)
        assert load("onnxruntime", shipped, threads=1).precision == (precision if supported else "float32")


def test_auto_selects_float32_if_int8_fails_the_golden_images(
    shipped: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "has_int8", lambda: True)
    strict = dataclasses.replace(shipped.card, tolerances={**shipped.card.tolerances, "int8": 0.0})
    artifact = Artifact(shipped.directory, strict, {name: shipped.content(name) for name in shipped.card.files})
    assert load("onnxruntime", artifact, threads=1).precision == "float32"


def test_the_number_of_threads_defaults_to_the_available_cpus(
    shipped: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "default_threads", lambda: 2)
    assert load("onnxruntime", shipped, precision="float32").threads == 2


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, 32, 32), np.uint8),
        np.zeros((1, 3, 32, 32), np.uint8),
        np.zeros((1, 32, 32, 3), np.float32),
    ],
)
def test_other_inputs_are_refused(shipped: Artifact, wrong: Images) -> None:
    engine = load("onnxruntime", shipped, precision="float32", threads=1)
    with pytest.raises(ValueError, match="expected uint8 images"):
        engine.predict(wrong)


def test_an_artifact_without_its_graph_is_refused_by_name(write_artifact: WriteArtifact) -> None:
    with pytest.raises(ArtifactError, match=r"card\.json does not name network-int8\.onnx"):
        load("onnxruntime", Artifact.open(write_artifact()), precision="int8", threads=1)


def test_neither_the_engine_nor_what_the_service_imports_needs_torch() -> None:
    code = (
        "import sys, model.drift, model.labels, model.engines.cgroups, model.engines.cpu\n"
        "import model.artifact, model.calibrate, model.engines, model.engines.golden\n"
        "model.engines.load('onnxruntime', model.artifact.Artifact.open(), threads=1)\n"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
