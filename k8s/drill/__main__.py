"""Break the workload on a cluster on this machine, see whether what is expected is seen, and mend it."""

import argparse
import signal
import sys
from collections.abc import Sequence

from k8s.doctor.interrupts import interrupted_by
from k8s.doctor.output import say
from k8s.drill import catalogue, doctor
from k8s.drill.cluster import Cluster, DrillError, choose
from k8s.drill.runner import Doctor, Runner
from k8s.drill.table import listed

SEEN, NOT_SEEN, REFUSED, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None, ask: Doctor = doctor.ask, poll: float = 2.0) -> int:
    """The exit code: 0 as expected, 1 not, 2 a wrong command or context, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m k8s.drill", description=__doc__)
    parser.add_argument("name", nargs="?", default="list", help="a drill; without one, all are listed")
    parser.add_argument(
        "--context", help="kubectl's; to be named where the current one does not look like a cluster on this machine"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the fault, for its alert to fire, and say how to end it"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=600.0,
        metavar="SECONDS",
        help="longest wait for each: to get healthy, and to see the fault (%(default)g)",
    )
    given = parser.parse_args(argv)
    if given.name == "list":
        say(f"{listed()}\n\nTo do one: make drill NAME=image-tag-not-found (options: {parser.prog} --help)")
        return SEEN
    if given.name not in catalogue.names():
        print(f"drill: there is no drill {given.name}; make drill lists them", file=sys.stderr)
        return REFUSED
    try:
        context = choose(given.context)
    except DrillError as error:
        print(f"drill: {error}", file=sys.stderr)
        return REFUSED
    try:
        with interrupted_by(signal.SIGTERM):
            runner = Runner(Cluster(context), ask, given.timeout, poll)
            return SEEN if runner.run(catalogue.load(given.name), keep=given.keep) else NOT_SEEN
    except DrillError as error:
        print(f"drill: {error}", file=sys.stderr)
        return NOT_SEEN
    except KeyboardInterrupt:
        print("drill: interrupted", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
