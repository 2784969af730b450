"""Loads that run in this process, and results that were not measured."""

import asyncio
from pathlib import Path

from k8s.rollout_check.answers import Judge
from k8s.rollout_check.check import Plan, Result
from k8s.rollout_check.client import Client
from k8s.rollout_check.load import Load, Shape
from k8s.rollout_check.outcome import Outcome, Phases
from k8s.rollout_check.target import DEFAULT, Image, Target

PATIENCE = 60.0


def send(url: str, shape: Shape, seconds: float, images: tuple[Path, ...] = (DEFAULT,), block: float = 0.0) -> Load:
    """Send load for some seconds; ``block`` is how long the event loop is blocked in the middle."""

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
    """An outcome of a request that was sent when it was due."""
    return Outcome(due, due + latency, late=0.0, kept=kept, version="" if lost else version, lost=lost)


def result(
    outcomes: list[Outcome],
    phases: Phases,
    *,
    rate: float = 10.0,
    unsent: dict[str, int] | None = None,
    changes: list[str] | None = None,
    failure: str | None = None,
) -> Result:
    target = Target.parse("http://localhost:30080")
    images = [Image("bird.png", Path(__file__).read_bytes())]
    shape = Shape(rate, timeout=10, most=100)
    plan = Plan(target, images, shape, ["true"], None, before=1, after=1, timeout=60, kept=8, pod_header=None)
    load = Load(Client(target, "127.0.0.1", images, Judge(), kept=8), shape, outcomes)
    load.unsent.update(unsent or {})
    return Result(plan, phases, load, changes or [], failure)
