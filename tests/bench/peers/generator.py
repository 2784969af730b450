"""The load generator as a process of its own, so that it shares neither memory nor a lock with what measures."""

import base64
import json
import subprocess
import sys
from dataclasses import asdict

from tests.bench.peers.load import Order, Result
from tests.bench.peers.payloads import Payload
from tests.bench.peers.served import Served
from tests.e2e.server import ROOT

PATIENCE_SECONDS = 10.0


def send(served: Served, payload: Payload, seconds: float, *, clients: int = 0, rate: float = 0.0) -> Result:
    """Closed loop of ``clients``, or an open one of ``rate`` requests a second."""
    request = payload.request(served.port, keep=served.contestant.keep)
    order = Order(served.port, base64.b64encode(request).decode(), seconds, PATIENCE_SECONDS, clients, rate)
    with served.turn():
        return run(order)


def run(order: Order) -> Result:
    """Send it from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.peers.load"],
        input=json.dumps(asdict(order)), stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return Result(**json.loads(done.stdout))
