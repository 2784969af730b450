"""The check: load before, during and after a command."""

import asyncio
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from k8s.rollout_check import command
from k8s.rollout_check.answers import Judge
from k8s.rollout_check.client import Client
from k8s.rollout_check.command import CommandFailed
from k8s.rollout_check.load import Load, Shape
from k8s.rollout_check.outcome import Lost, Phases, Unsent
from k8s.rollout_check.target import Image, Target

Say = Callable[[str], None]


class NoAnswer(Exception):
    """The server did not respond before the command was run."""


@dataclass(frozen=True)
class Plan:
    """The parameters; times in seconds. ``until`` is derived from the command if it is ``None``."""

    target: Target
    images: list[Image]
    shape: Shape
    command: list[str]
    until: list[str] | None
    before: float
    after: float
    timeout: float
    """For the command and the rollout together."""
    kept: int
    pod_header: str | None


@dataclass(frozen=True)
class Result:
    plan: Plan
    phases: Phases
    load: Load
    changes: list[str]
    failure: str | None
    """Why the command or the rollout failed."""


async def check(plan: Plan, say: Say) -> Result:
    """Raises :class:`NoAnswer`. Calls ``say`` at each step, with its time."""
    judge = Judge(plan.pod_header)
    client = await reached(plan, judge)
    load = Load(client, plan.shape)
    loop = asyncio.get_running_loop()
    start = loop.time()
    times: list[float] = []

    def step(text: str) -> None:
        say(f"{loop.time() - start:5.1f} s  {text}")

    def lap() -> None:
        times.append(loop.time() - start)

    failure = None
    try:
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(load.send(tasks, start))
            step(f"{plan.shape.rate:g} requests a second to {plan.target.url}")
            await asyncio.sleep(plan.before)
            lap()
            try:
                async with asyncio.timeout(plan.timeout):
                    await roll_out(plan, step)
            except CommandFailed as error:
                failure = str(error)
            except TimeoutError:
                failure = f"not complete within {plan.timeout:g} s (--timeout)"
            lap()
            step(failure or f"complete; {plan.after:g} s more")
            await asyncio.sleep(0 if failure else plan.after)
            lap()
            sending.cancel()
    finally:
        client.close()
    return Result(plan, Phases(*times), load, judge.changes(), failure)


async def roll_out(plan: Plan, step: Say) -> None:
    """Run the command and wait for the rollout to be complete. Raises :class:`CommandFailed`."""
    step(f"$ {shlex.join(plan.command)}")
    await command.run(plan.command)
    if plan.until is None:
        waits: Sequence[Sequence[str]] = await command.derive(plan.command, command.output)
    else:
        waits = [plan.until] if plan.until else []
    for each in waits:
        step(f"$ {shlex.join(each)}")
        await command.run(each, stdin=asyncio.subprocess.DEVNULL)


async def reached(plan: Plan, judge: Judge) -> Client:
    """A client for the first address of the target that responds to each image with a prediction."""
    try:
        addresses = await plan.target.addresses()
    except OSError as error:
        raise NoAnswer(f"{plan.target.name}: {error.strerror or error}") from error
    lost = ""
    for address in addresses:
        client = Client(plan.target, address, plan.images, judge, plan.kept)
        try:
            for number in range(len(plan.images)):
                await client.send(number, keep=False, timeout=plan.shape.timeout)
        except (Lost, Unsent) as error:
            detail = error.detail if isinstance(error, Lost) else ""
            lost = f"{error}{f' ({detail})' if detail else ''}"
        else:
            return client
    raise NoAnswer(f"{plan.target.url}: {lost}")
