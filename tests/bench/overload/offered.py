"""Load from several generator processes at once, as if from one."""

import base64
from concurrent.futures import ThreadPoolExecutor

from tests.bench.peers.generator import run
from tests.bench.peers.load import Order, Result
from tests.bench.peers.payloads import Payload

PATIENCE_SECONDS = 2.0
"""How long answers are waited for after the last request."""


def closed(port: int, payload: Payload, seconds: float, clients: int) -> Result:
    """What became of the requests of so many clients, each of which sends as soon as it has been answered."""
    return run(_order(port, payload, seconds, clients=clients))


def opened(port: int, payload: Payload, seconds: float, rate: float, processes: int) -> Result:
    """What became of ``rate`` requests a second, whatever became of those before."""
    order = _order(port, payload, seconds, rate=rate / processes)
    with ThreadPoolExecutor(processes) as pool:
        return together(list(pool.map(run, [order] * processes)))


def together(results: list[Result]) -> Result:
    whole = Result()
    for each in results:
        whole.latencies += each.latencies
        whole.within += each.within
        whole.statuses.update(each.statuses)
        whole.errors.update(each.errors)
        whole.late += each.late
        whole.processor_seconds += each.processor_seconds
        whole.ended = max(whole.ended, each.ended)
    return whole


def _order(port: int, payload: Payload, seconds: float, *, clients: int = 0, rate: float = 0.0) -> Order:
    request = base64.b64encode(payload.request(port, keep=True)).decode()
    return Order(port, request, seconds, PATIENCE_SECONDS, clients, rate)
