"""The command line."""

import argparse
import math
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from k8s.rollout_check.check import Plan
from k8s.rollout_check.images import DEFAULT, Image
from k8s.rollout_check.load import Shape
from k8s.rollout_check.target import Target

KEPT = 8
"""Connections that are kept, and used in turn."""
MOST_IN_FLIGHT = 1000

EXIT_CODES = """\
exit code:
  0  nothing was lost
  1  requests were lost
  2  wrong usage, or the URL does not answer before the command is run
  3  nothing was lost, but the command failed or the rollout was not complete within --timeout
130  interrupted"""


@dataclass(frozen=True)
class Options:
    plan: Plan
    json: bool


def parse(arguments: Sequence[str]) -> Options:
    """Exits with 2 where they cannot be understood."""
    parser = _parser()
    split = arguments.index("--") if "--" in arguments else len(arguments)
    given, command = parser.parse_args(arguments[:split]), list(arguments[split + 1 :])
    if not command:
        parser.error(
            "which command? Give it after --, such as: -- kubectl rollout restart deployment/cifar10-deployment"
        )
    if not shutil.which(command[0]):
        parser.error(f"there is no command {command[0]!r}")
    try:
        target = Target.parse(given.url, given.host)
        images = [Image.read(path) for path in given.image or [DEFAULT]]
        until = None if given.until is None else shlex.split(given.until)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    most = given.max_in_flight or min(MOST_IN_FLIGHT, math.ceil(given.rate * given.request_timeout) + 1)
    plan = Plan(
        target=target,
        images=images,
        shape=Shape(given.rate, given.request_timeout, most, given.keep_alive),
        command=command,
        until=until,
        before=given.before,
        after=given.after,
        timeout=given.timeout,
        kept=KEPT,
        pod_header=given.pod_header,
    )
    return Options(plan, given.output == "json")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m k8s.rollout_check",
        usage="%(prog)s --url URL [option ...] -- command ...",
        description="Send images at a constant rate while a command rolls something out, and say what was lost.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", required=True, help="the server's; /predict is added where it has no path")
    parser.add_argument("--host", metavar="NAME", help="the Host header, for an Ingress without DNS")
    parser.add_argument("--rate", type=positive, default=50.0, help="requests a second (%(default)g)")
    parser.add_argument(
        "--image", type=Path, action="append", metavar="FILE", help="one to send, may be repeated (test_image.png)"
    )
    parser.add_argument(
        "--keep-alive",
        action=argparse.BooleanOptionalAction,
        help=f"only on {KEPT} kept connections, or only on new ones (every second one on each)",
    )
    parser.add_argument(
        "--until",
        metavar="COMMAND",
        help="returns once the rollout is complete; '' for none (kubectl rollout status of what the command names)",
    )
    parser.add_argument(
        "--before", type=duration, default=10.0, help="seconds of load before the command (%(default)g)"
    )
    parser.add_argument(
        "--after",
        type=duration,
        default=15.0,
        help="and after the rollout is complete; the last old pod still stops then (%(default)g)",
    )
    parser.add_argument(
        "--timeout", type=positive, default=600.0, help="seconds for command and rollout together (%(default)g)"
    )
    parser.add_argument(
        "--request-timeout", type=positive, default=10.0, help="seconds after which a request is lost (%(default)g)"
    )
    parser.add_argument(
        "--max-in-flight",
        type=count,
        help=f"requests at once; more are not sent (rate times request timeout, {MOST_IN_FLIGHT} at most)",
    )
    parser.add_argument("--pod-header", metavar="NAME", help="a header of the answers that tells who answered")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="form of the report")
    return parser


def duration(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError
    return value


def positive(text: str) -> float:
    value = duration(text)
    if not value:
        raise ValueError
    return value


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value
