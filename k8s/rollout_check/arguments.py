"""The command line."""

import argparse
import math
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from k8s.rollout_check.check import Plan
from k8s.rollout_check.load import Shape
from k8s.rollout_check.target import DEFAULT, Image, Target

KEPT = 8
"""Number of kept connections."""
MOST_IN_FLIGHT = 1000

EXIT_CODES = """\
exit code:
  0  no request was lost
  1  requests were lost
  2  wrong usage, or no response from the URL before the command
  3  no request was lost, but the command failed or the rollout was not complete within --timeout
130  interrupted"""


@dataclass(frozen=True)
class Options:
    plan: Plan
    json: bool


def parse(arguments: Sequence[str]) -> Options:
    """Exits with 2 on wrong usage."""
    parser = _parser()
    split = arguments.index("--") if "--" in arguments else len(arguments)
    given, command = parser.parse_args(arguments[:split]), list(arguments[split + 1 :])
    if not command:
        parser.error("no command; add it after --, such as: -- kubectl rollout restart deployment/cifar10-deployment")
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
        description="Send images at a constant rate during a rollout, and report lost requests.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", required=True, help="URL of the server; /predict is added if it has no path")
    parser.add_argument("--host", metavar="NAME", help="Host header, for an Ingress without DNS")
    parser.add_argument("--rate", type=positive, default=50.0, help="requests per second (%(default)g)")
    parser.add_argument(
        "--image", type=Path, action="append", metavar="FILE", help="image to send; may be repeated (test_image.png)"
    )
    parser.add_argument(
        "--keep-alive",
        action=argparse.BooleanOptionalAction,
        help=f"use only {KEPT} kept connections, or only new ones (default: alternate)",
    )
    parser.add_argument(
        "--until",
        metavar="COMMAND",
        help="command that waits for the rollout; '' for none (kubectl rollout status of the named workload)",
    )
    parser.add_argument(
        "--before", type=duration, default=10.0, help="seconds of load before the command (%(default)g)"
    )
    parser.add_argument(
        "--after",
        type=duration,
        default=15.0,
        help="seconds of load after the rollout, while the last old pod shuts down (%(default)g)",
    )
    parser.add_argument(
        "--timeout", type=positive, default=600.0, help="maximum seconds for the command and the rollout (%(default)g)"
    )
    parser.add_argument(
        "--request-timeout", type=positive, default=10.0, help="seconds after which a request is lost (%(default)g)"
    )
    parser.add_argument(
        "--max-in-flight",
        type=count,
        help=f"maximum concurrent requests; others are not sent (rate times request timeout, at most {MOST_IN_FLIGHT})",
    )
    parser.add_argument("--pod-header", metavar="NAME", help="response header that names the pod")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="format of the report")
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
