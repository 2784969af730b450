"""This server and others on the same CPUs, with the same model, engine and precision.

The peers' packages are installed into runs/peers. Peers do not count, trace or refuse requests; this server does.
"""

import os
from collections.abc import Callable
from pathlib import Path

from benchmarks import compare
from benchmarks.peers.classifier import ENGINE, PRECISION
from benchmarks.peers.environments import interpreter
from benchmarks.servers import ROOT, Variant
from model.engines import ENGINES, PRECISIONS

PROGRAM = "benchmarks.peers"
FOLDER = ROOT / "runs" / "peers"


def variants(engine: str, precision: str, find: Callable[[Path, str], str] = interpreter) -> list[Variant]:
    workers = str(len(os.sched_getaffinity(0)))
    ours = {"PREDICTOR_ENGINE": engine, "PREDICTOR_PRECISION": precision}
    theirs = {
        ENGINE: engine,
        PRECISION: precision,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        "BENTOML_HOME": str(FOLDER / "bentoml-home"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    address = ("--host", "127.0.0.1", "--port", "{port}")
    return [
        Variant("flask", f"Flask, gunicorn's sync worker, {workers} workers",
                ("-m", "gunicorn", "-w", workers, "-b", "127.0.0.1:{port}", "--log-level", "warning",
                 "--no-control-socket", "benchmarks.peers.flask_app:create_app()"), theirs),
        Variant("this-server", "as shipped: metrics, access log, batching, pinned workers", settings=ours),
        Variant("fastapi", f"FastAPI, uvicorn with uvloop and httptools, {workers} workers",
                ("-m", "uvicorn", "--factory", "benchmarks.peers.fastapi_app:create_app", *address,
                 "--workers", workers, "--no-access-log", "--log-level", "warning"),
                theirs, interpreter=find(FOLDER, "fastapi")),
        Variant("litserve", f"LitServe, {workers} workers, batches of up to 8 within 2 ms",
                ("-m", "benchmarks.peers.litserve_app", "{port}", workers),
                theirs, interpreter=find(FOLDER, "litserve"), polls=True),
        Variant("bentoml", f"BentoML, {workers} workers; a connection per request, as one worker gets all kept ones",
                ("-m", "bentoml", "serve", "benchmarks.peers.bentoml_app:Service", *address),
                theirs, interpreter=find(FOLDER, "bentoml"), load=("-disable-keepalive",)),
    ]  # fmt: skip


def main() -> None:
    parser = compare.parser(PROGRAM, __doc__ or "", rounds=3, clients="1,8,32,128")
    parser.add_argument("--engine", choices=ENGINES, default="onnxruntime")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    options = parser.parse_args()
    compare.run(PROGRAM, options, variants(options.engine, options.precision), ("png", "jpeg", "eight"))


if __name__ == "__main__":
    main()
