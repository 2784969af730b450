import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from k8s.rollout_check.command import CommandFailed, output, run


@pytest.mark.parametrize(
    ("command", "failure"),
    [(["sh", "-c", "exit 7"], "exited with 7"), (["sh", "-c", "kill -KILL $$"], "was killed by signal 9")],
    ids=["exit", "signal"],
)
@pytest.mark.usefixtures("_stderr")
def test_the_end_of_a_command_is_told(command: Sequence[str], failure: str) -> None:
    with pytest.raises(CommandFailed, match=failure):
        asyncio.run(run(command))


def test_what_a_command_prints_is_handed_back() -> None:
    assert asyncio.run(output(["echo", "deployment/cifar10-deployment"])) == "deployment/cifar10-deployment\n"
    with pytest.raises(CommandFailed, match="`false` exited with 1"):
        asyncio.run(output(["false"]))


@pytest.mark.usefixtures("_stderr")
def test_a_command_that_minds_no_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.rollout_check.command.END_SECONDS", 0.1)
    ready = tmp_path / "pid"

    async def cut_short() -> None:
        running = asyncio.create_task(run(["sh", "-c", f"trap '' TERM; echo $$ >{ready}; while :; do sleep 0.1; done"]))
        while not (ready.exists() and ready.read_text()):
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cut_short())
    assert not Path(f"/proc/{ready.read_text().strip()}").exists()


@pytest.fixture
def _stderr(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A stderr that is a file, as outside of pytest."""
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
