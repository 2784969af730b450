"""Clients that cause problems, or normal traffic, until they are stopped."""

import io
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import requests
from PIL import Image

from tests.e2e.server import Server
from tests.e2e.traffic import BIRD, CLASSES, SAMPLES, parts
from tests.monitoring.live import pace
from tests.monitoring.live.client import Client
from tests.monitoring.live.fleet import DRIFTED, LATE, OVERLOADED, ROLLOUT, Fleet

DRIFTED_IMAGES = 640
"""More than the 500 that drift alerts need."""
WRONG_REPORTS = 110
FLOOD, IMAGES = 20, 16
"""Number of clients, and images per request: together more than the queue and a batch hold."""
PAUSE = pace.INTERVAL / 3

Step = Callable[[int], object]
Until = Callable[[], bool]


@contextmanager
def at_once(*clients: tuple[Step, float, Until]) -> Iterator[None]:
    """Within the block, each client takes steps 0, 1, 2 … with a pause (seconds) between, until its condition holds."""
    over = threading.Event()

    def act(step: Step, pause: float, until: Until) -> None:
        number = 0
        while not (over.is_set() or until()):
            step(number)
            number += 1
            over.wait(pause)

    with ThreadPoolExecutor(len(clients)) as pool:
        acting = [pool.submit(act, *client) for client in clients]
        try:
            yield
        finally:
            over.set()
    for each in acting:
        each.result()


def everyday(server: Server) -> Step:
    """One picture of each class after the other, reported as correct, and some other requests."""
    client = Client(server)

    def step(number: int) -> None:
        name = CLASSES[number % len(CLASSES)]
        answer = client.post(data=SAMPLES[name])
        if answer.ok:
            client.report(answer.json()["prediction_id"], answer.json()["predict"])
        match number % 20:
            case 7:
                client.get("/model")
            case 11:
                client.get("/wp-login.php")
            case 13:
                client.post(files=parts(*[BIRD] * 3))

    return step


def flood(server: Server) -> Step:
    """Requests without pause; prepared once, because many clients share one interpreter."""
    client = Client(server)
    request = requests.Request("POST", server.url(), files=parts(*[BIRD] * IMAGES)).prepare()
    return lambda _: client.send(request)


def large(server: Server) -> Step:
    """More images than can be processed before the deadline, and invalid images."""
    client = Client(server)

    def step(_: int) -> None:
        client.post(files=parts(*[BIRD] * 64))
        client.post(data=b"no image")

    return step


def delayed(server: Server) -> Step:
    """Requests that waited in a proxy for a second."""
    client = Client(server)

    def step(_: int) -> None:
        headers = {"X-Request-Start": f"t={time.time() - 1:.3f}"}
        client.post(data=BIRD, headers=headers)

    return step


def refused(server: Server) -> Step:
    client = Client(server)
    return lambda _: client.post(data=BIRD)


def killed(server: Server) -> Step:
    """SIGKILL to the newer of two workers, as from the OOM killer, whenever both serve."""

    def step(_: int) -> None:
        if "\ncifar10_workers 2.0\n" in server.ops("/metrics").text:
            os.kill(server.workers()[-1], signal.SIGKILL)

    return step


def drift(server: Server) -> None:
    """Mixed pictures with noise, and feedback that a prediction was wrong."""
    random = np.random.default_rng(0)
    samples = [np.asarray(Image.open(io.BytesIO(image)).convert("RGB"), np.float64) for image in SAMPLES.values()]
    client = Client(server)
    for _ in range(DRIFTED_IMAGES // 32):
        images = []
        for _ in range(32):
            chosen = random.choice(len(samples), 3, replace=False)
            mixed = np.mean([samples[each] for each in chosen], axis=0) + random.normal(0, 30, samples[0].shape)
            images.append(_png(mixed))
        client.post(files=parts(*images)).raise_for_status()
    mistaken = client.post(data=BIRD).json()
    others = [name for name in CLASSES if name != mistaken["predict"]]
    for number in range(WRONG_REPORTS):
        client.report(mistaken["prediction_id"], others[number % 3])


def correct(server: Server) -> None:
    """Feedback for correct predictions, many times more than for wrong ones."""
    client = Client(server)
    right = client.post(data=BIRD).json()
    for _ in range(6 * WRONG_REPORTS):
        client.report(right["prediction_id"], right["predict"])


def _png(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@contextmanager
def calm(fleet: Fleet) -> Iterator[None]:
    with at_once((everyday(fleet.calm), PAUSE, lambda: False)):
        yield


@contextmanager
def trouble(fleet: Fleet, over: Callable[[str], bool]) -> Iterator[None]:
    """All problems of the servers at once; those of a namespace end when ``over(namespace)`` holds."""
    with at_once(
        *[(flood(fleet.overloaded), 0.05, lambda: over(OVERLOADED))] * FLOOD,
        (large(fleet.late), PAUSE, lambda: over(LATE)),
        (killed(fleet.late), 5 * pace.INTERVAL, lambda: over(LATE)),
        (delayed(fleet.drifted), PAUSE, lambda: over(DRIFTED)),
        (refused(fleet.damaged), PAUSE, lambda: over(ROLLOUT)),
    ):
        drift(fleet.drifted)
        yield
