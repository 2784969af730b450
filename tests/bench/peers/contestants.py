"""Who is measured, and how each is started."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

APPS = "tests.bench.peers.apps"
OURS = "ours"
BASELINE = "naive"


@dataclass(frozen=True)
class Contestant:
    """``command`` follows the interpreter and has ``{port}`` in it; ``peer`` names its environment, if not ours."""

    key: str
    name: str
    how: str
    command: tuple[str, ...]
    peer: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    keep: bool = True
    """Whether clients keep their connections."""
    polls: bool = False
    """Whether it spends processor time on waiting; it is stopped while the others have their turn."""

    @property
    def ours(self) -> bool:
        return not self.peer

    def interpreter(self, folder: Path) -> str:
        return str(folder / self.peer / "bin" / "python") if self.peer else sys.executable


def contestants(cores: int) -> list[Contestant]:
    """All there are, in the order that tables have."""
    server = ("-m", "gunicorn", "-c", "service/gunicorn.conf.py")
    return [
        Contestant(
            "onnxruntime", "this server, ONNX Runtime", "as it ships: int8 where the CPU has it; metrics, logs, traces",
            server, settings={"PREDICTOR_ENGINE": "onnxruntime"},
        ),
        Contestant(
            "torch", "this server, PyTorch", "as it ships: bfloat16 where the CPU has it; metrics, logs, traces",
            server, settings={"PREDICTOR_ENGINE": "torch"},
        ),
        Contestant(
            "torch-float32", "this server, PyTorch in float32", "the peers' arithmetic; metrics, logs, traces",
            server, settings={"PREDICTOR_ENGINE": "torch", "PREDICTOR_PRECISION": "float32"},
        ),
        Contestant(
            "naive", "Flask, gunicorn sync", f"{cores} workers",
            ("-m", "gunicorn", "-w", str(cores), "-b", "127.0.0.1:{port}", "--log-level", "warning",
             "--no-control-socket", f"{APPS}.naive:create_app()"),
            peer="naive",
        ),
        Contestant(
            "fastapi", "FastAPI, uvicorn", f"{cores} workers, uvloop and httptools, no access log",
            ("-m", "uvicorn", "--factory", f"{APPS}.with_fastapi:create_app", "--port", "{port}", "--workers",
             str(cores), "--no-access-log", "--log-level", "warning"),
            peer="fastapi",
        ),
        Contestant(
            "litserve", "LitServe", f"{cores} workers, batches of up to 8 within 2 ms, no access log; stopped by "
            "SIGSTOP while others have their turn, as it polls even when it has nothing to do",
            ("-m", f"{APPS}.with_litserve", "{port}", str(cores)),
            peer="litserve", polls=True,
        ),
        Contestant(
            "bentoml", "BentoML", f"{cores} workers, no access log; a new connection for each request, as kept ones "
            "all go to the same worker",
            ("-m", "bentoml", "serve", f"{APPS}.with_bentoml:Service", "--host", "127.0.0.1", "--port", "{port}"),
            peer="bentoml", keep=False,
        ),
    ]  # fmt: skip


def environment(contestant: Contestant, root: Path, home: Path, port: int, ops_port: int, sink: str) -> dict[str, str]:
    """Variables; ``home`` is for what a program writes, ``sink`` the address that traces go to."""
    common = {"PATH": os.environ["PATH"], "HOME": str(home)}
    if contestant.ours:
        return {
            **common,
            "PREDICTOR_HOST": "127.0.0.1",
            "PREDICTOR_PORT": str(port),
            "PREDICTOR_OPS_PORT": str(ops_port),
            "PREDICTOR_DRAIN_SECONDS": "0",
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink,
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.01",
            **contestant.settings,
        }
    return {
        **common,
        "PYTHONPATH": str(root),
        "OMP_NUM_THREADS": "1",
        "BENTOML_HOME": str(home / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
