"""``python -m k8s.rollout_check --url URL -- command``: load, a rollout, a verdict."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys

from k8s.rollout_check import arguments
from k8s.rollout_check.check import NoAnswer, Plan, Result, check
from k8s.rollout_check.document import document
from k8s.rollout_check.picture import BLOCKS, PLAIN, Pen
from k8s.rollout_check.report import text

MARGIN = 34
"""Characters beside the picture: its labels and scales."""
NARROWEST, WIDEST = 20, 100


def main() -> int:
    options = arguments.parse(sys.argv[1:])
    try:
        result = asyncio.run(interruptible(options.plan))
    except NoAnswer as error:
        say(f"does not answer with a prediction, so there is nothing to check yet: {error}")
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("interrupted")
        return 130
    code = exit_code(result)
    width = min(max(shutil.get_terminal_size().columns - MARGIN, NARROWEST), WIDEST)
    try:
        print(document(result, code) if options.json else text(result, pen(), width), flush=True)
    except BrokenPipeError:  # nobody reads it any more, and what is left of it goes nowhere
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return code


async def interruptible(plan: Plan) -> Result:
    """The check, which SIGTERM ends as Ctrl-C does, and the command with it."""
    task = asyncio.current_task()
    assert task
    with contextlib.suppress(NotImplementedError):  # Windows' loop has no signal handlers
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await check(plan, say)


def exit_code(result: Result) -> int:
    if any(outcome.lost for outcome in result.load.outcomes):
        return 1
    return 3 if result.failure else 0


def pen() -> Pen:
    try:
        BLOCKS.levels.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return PLAIN
    return BLOCKS if sys.stdout.isatty() else PLAIN


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
