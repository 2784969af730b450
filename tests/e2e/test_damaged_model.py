import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load, save

from tests.e2e.conftest import Start
from tests.e2e.server import START_SECONDS, Server, eventually
from tests.e2e.traffic import BIRD, assert_refused
from tests.shipped import copied, flip_a_bit


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copied(tmp_path)


def failed_check(server: Server) -> tuple[str, str]:
    """Name and detail of the failing check of a server that is up and unready."""
    eventually(server.answering, within=START_SECONDS, what="the end of loading")
    response = server.ops("/readyz")
    found = response.json()
    assert (response.status_code, found["ready"], found["state"]) == (503, False, "failed")
    assert server.ops("/healthz").status_code == 200
    assert "/readyz" in assert_hint(server)
    [(name, check)] = [
        (name, check)
        for name, check in found["checks"].items()
        if not check["passed"] and check["detail"] != "not done yet"
    ]
    assert json.dumps(check["detail"])[1:-1] in server.log()
    assert "Traceback" not in server.log()
    return name, check["detail"]


def assert_hint(server: Server) -> str:
    response = server.predict(BIRD)
    assert_refused(response, 503, "not_ready")
    return str(response.json()["hint"])


def test_one_flipped_bit_keeps_a_server_unready(start: Start, copy: Path) -> None:
    weights = copy / "weights.safetensors"
    expected = hashlib.sha256(weights.read_bytes()).hexdigest()
    flip_a_bit(weights)
    name, detail = failed_check(start(model_dir=copy))
    assert name == "weights"
    assert expected[:12] in detail
    assert hashlib.sha256(weights.read_bytes()).hexdigest()[:12] in detail


@pytest.mark.torch
def test_weights_that_answer_wrongly_keep_a_server_unready(start: Start, copy: Path) -> None:
    weights, card = copy / "weights.safetensors", copy / "card.json"
    tensors = load(weights.read_bytes())
    weights.write_bytes(save({name: -tensor for name, tensor in tensors.items()}))
    raw: dict[str, Any] = json.loads(card.read_text())
    raw["files"][weights.name]["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    card.write_text(json.dumps(raw))
    name, _ = failed_check(start(model_dir=copy, engine="torch"))  # ONNX Runtime reads its own graph
    assert name == "golden_images"


@pytest.mark.parametrize("missing", ["", "card.json", "weights.safetensors", "golden.safetensors"])
def test_a_missing_file_keeps_a_server_unready_and_is_named(start: Start, copy: Path, missing: str) -> None:
    path = copy / missing
    path.unlink() if missing else shutil.rmtree(path)
    name, detail = failed_check(start(model_dir=copy))
    assert name == "weights"
    assert str(path) in detail
