"""The command that is watched, and the one that knows when its rollout is complete."""

import asyncio
import contextlib
import shlex
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence

END_SECONDS = 5.0


class CommandFailed(Exception):
    """What of the rollout did not come to its end, and how."""


async def run(command: Sequence[str], *, stdin: int | None = None) -> None:
    """Run it, with its output on stderr, as stdout is the report's. Raises :class:`CommandFailed`.

    It is ended when this is cancelled.
    """
    await finish(command, stdin, sys.stderr.fileno())


async def output(command: Sequence[str]) -> str:
    """What it prints. Raises :class:`CommandFailed`."""
    return (await finish(command, DEVNULL, PIPE)).decode(errors="replace")


async def finish(command: Sequence[str], stdin: int | None, stdout: int) -> bytes:
    process = await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=stdout)
    try:
        printed, _ = await process.communicate()
    finally:
        await end(process)
    if code := process.returncode or 0:
        how = "exited with" if code > 0 else "was killed by signal"
        raise CommandFailed(f"`{shlex.join(command)}` {how} {abs(code)}")
    return printed or b""


async def end(process: Process) -> None:
    """SIGTERM, and SIGKILL to what does not mind it."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
