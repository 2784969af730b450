"""Apply a fault to the workload in a local cluster, check that its signals appear, and restore the workload."""

import argparse
import signal
import sys
from collections.abc import Sequence

from k8s.doctor.terminal import interrupted_by, say
from k8s.drill import catalogue, doctor
from k8s.drill.cluster import Cluster, DrillError, choose
from k8s.drill.runner import Doctor, Runner
from k8s.drill.table import listed

SEEN, NOT_SEEN, REFUSED, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None, ask: Doctor = doctor.ask, poll: float = 2.0) -> int:
    """Returns the exit code: 0 as expected, 1 not as expected, 2 wrong usage or context, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m k8s.drill", description=__doc__)
    parser.add_argument("name", nargs="?", default="list", help="a drill; lists all drills if omitted")
    parser.add_argument(
        "--context", help="kubeconfig context; required if the current one does not look like a local cluster"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the fault, so that its alert fires, and print how to remove it"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=600.0,
        metavar="SECONDS",
        help="maximum wait to become healthy, and again for the signals (%(default)g)",
    )
    given = parser.parse_args(argv)
    if given.name == "list":
        say(f"{listed()}\n\nTo run one: make drill NAME=image-tag-not-found (options: {parser.prog} --help)")
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
