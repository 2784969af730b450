"""The load by itself, in this process."""

import asyncio
from pathlib import Path

from k8s.rollout_check.answers import Judge
from k8s.rollout_check.client import Client
from k8s.rollout_check.images import DEFAULT, Image
from k8s.rollout_check.load import Load, Shape
from k8s.rollout_check.outcome import Outcome
from k8s.rollout_check.target import Target

PATIENCE = 60.0


def send(url: str, shape: Shape, seconds: float, images: tuple[Path, ...] = (DEFAULT,), block: float = 0.0) -> Load:
    """Load for so long; in the middle, something keeps the event loop busy for ``block`` seconds."""

    async def run() -> Load:
        target, loop = Target.parse(url), asyncio.get_running_loop()
        client = Client(target, "127.0.0.1", [Image.read(path) for path in images], Judge(), kept=8)
        load = Load(client, shape)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(load.send(tasks, loop.time()))
            await asyncio.sleep(seconds / 2)
            spend(block)
            await asyncio.sleep(seconds / 2)
            sending.cancel()
        client.close()
        load.outcomes.sort(key=lambda outcome: outcome.due)
        return load

    return asyncio.run(run())


def spend(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        pass


def outcome(
    due: float, latency: float = 0.01, *, lost: str = "", version: str = "1.0.0", kept: bool = False
) -> Outcome:
    """One that began when it was due."""
    return Outcome(due, due + latency, late=0.0, kept=kept, version="" if lost else version, lost=lost)
