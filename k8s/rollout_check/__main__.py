"""``python -m k8s.rollout_check --url URL -- command``: does a rollout lose requests?

It sends requests at a constant rate while the command runs. Standard library only, so it runs wherever Python and
kubectl are. Load generators do not run a command meanwhile, and do not check the classes in responses.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys

from k8s.rollout_check import arguments
from k8s.rollout_check.check import NoAnswer, Plan, Result, check
from k8s.rollout_check.report import BLOCKS, PLAIN, Pen, document, text

MARGIN = 34
"""Characters to the left and right of the chart."""
NARROWEST, WIDEST = 20, 100


def main() -> int:
    options = arguments.parse(sys.argv[1:])
    try:
        result = asyncio.run(interruptible(options.plan))
    except NoAnswer as error:
        say(f"no prediction before the command was run: {error}")
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("interrupted")
        return 130
    code = exit_code(result)
    width = min(max(shutil.get_terminal_size().columns - MARGIN, NARROWEST), WIDEST)
    try:
        print(document(result, code) if options.json else text(result, pen(), width), flush=True)
    except BrokenPipeError:  # the reader has closed the pipe
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return code


async def interruptible(plan: Plan) -> Result:
    """The check; SIGTERM cancels it and the command, as Ctrl-C does."""
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
