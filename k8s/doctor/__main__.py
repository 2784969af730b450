"""``python -m k8s.doctor``: find out why a workload does not work. Read-only, standard library only.

``reading`` or ``snapshot`` provide the objects, ``cluster`` indexes them, each module of ``families`` looks for one
family of causes, ``diagnosis`` sorts the findings, and ``report`` prints them.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from k8s.doctor import causes, snapshot
from k8s.doctor.causes import Kind
from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import Diagnosis, diagnose
from k8s.doctor.kubectl import Kubectl, KubectlError
from k8s.doctor.reading import read
from k8s.doctor.report import Style, as_json, report
from k8s.doctor.snapshot import Snapshot, SnapshotError
from k8s.doctor.terminal import discard, interrupted_by
from k8s.doctor.workloads import Workload

HEALTHY, FAULT, UNABLE, UNKNOWN = range(4)

EPILOG = """\
exit codes: 0 no fault (healthy, or a rollout in progress), 1 a fault was found, 2 wrong usage, or nothing could be
read, 3 something is wrong, but the cause is unknown"""

SHORT = {
    "deploy": "deployment", "deployments": "deployment", "sts": "statefulset", "statefulsets": "statefulset",
    "ds": "daemonset", "daemonsets": "daemonset", "rs": "replicaset", "replicasets": "replicaset",
    "po": "pod", "pods": "pod", "jobs": "job",
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        if given.causes:
            print(causes.table(), flush=True)
            return HEALTHY
        return _once(given) if given.watch is None else _watch(given)
    except (KubectlError, SnapshotError) as error:
        print(f"doctor: {error}", file=sys.stderr)
        return UNABLE
    except BrokenPipeError:
        discard()
        return UNABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m k8s.doctor",
        description="Find out why a workload does not work, from objects, events and logs. Changes nothing.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "workload",
        nargs="*",
        help="deployment/NAME, sts/NAME, pod/NAME or NAME; all workloads of the namespace if omitted",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-n", "--namespace", help="namespace (default: that of the kubectl context)")
    where.add_argument("-A", "--all-namespaces", action="store_true", help="diagnose all namespaces")
    add("--context", help="kubeconfig context")
    add("--kubeconfig", help="path of the kubeconfig")
    add("--from", dest="folder", type=Path, metavar="DIR", help="read a saved folder instead of a cluster")
    add("--save", type=Path, metavar="DIR", help="save the data to a folder")
    add("-o", "--output", choices=("text", "json"), default="text", help="output format")
    add("--watch", type=float, nargs="?", const=5.0, metavar="SECONDS", help="repeat, and print changes")
    add("--timeout", type=float, default=10.0, metavar="SECONDS", help="timeout of each API request (%(default)g)")
    add("--causes", action="store_true", help="print the table of all causes")
    return parser


def _once(given: argparse.Namespace) -> int:
    seen = _look(given)
    if given.save:
        snapshot.save(seen, given.save)
    found = _diagnose(seen, given)
    print(_shown(found, seen, given), end="", flush=True)
    return _code(found)


def _watch(given: argparse.Namespace) -> int:
    """Print the report when a verdict changes, until interrupted. Returns the exit code of the last verdict."""
    before: list[tuple[str, str, str]] | None = None
    code = UNKNOWN
    with suppress(KeyboardInterrupt), interrupted_by(signal.SIGINT, signal.SIGTERM):
        while True:
            try:
                seen = _look(given)
                found = _diagnose(seen, given)
                verdicts = [(each.workload.namespace, each.workload.ref, each.verdict.cause) for each in found]
                code = _code(found)
                if verdicts != before:
                    print(f"{time.strftime('%H:%M:%S')}\n{_shown(found, seen, given)}", flush=True)
                before = verdicts
            except (KubectlError, SnapshotError) as error:
                print(f"{time.strftime('%H:%M:%S')} {error}", file=sys.stderr, flush=True)
                code = UNABLE
            time.sleep(given.watch)
    return code


def _look(given: argparse.Namespace) -> Snapshot:
    if given.folder:
        return snapshot.load(given.folder)
    options = [f"--{key}={value}" for key in ("context", "kubeconfig") if (value := getattr(given, key))]
    kubectl = Kubectl(tuple(options), given.timeout)
    if given.all_namespaces:
        return read(kubectl, ("--all-namespaces",))
    return read(kubectl, ("--namespace", given.namespace) if given.namespace else ())


def _diagnose(seen: Snapshot, given: argparse.Namespace) -> list[Diagnosis]:
    found = diagnose(Cluster(seen), _chooser(given))
    if not found:
        where = f" in the namespace {given.namespace}" if given.namespace else ""
        what = f"no workload called {' or '.join(given.workload)}" if given.workload else "no workload"
        why = f" ({'; '.join(seen.unread)})" if seen.unread else ""
        raise SnapshotError(f"there is {what}{where}{why}")
    return found


def _chooser(given: argparse.Namespace) -> Callable[[Workload], bool]:
    wanted = [_reference(each) for each in given.workload]

    def chosen(workload: Workload) -> bool:
        if given.namespace and workload.namespace != given.namespace:
            return False
        own = (workload.kind.lower(), workload.name)
        return not wanted or any(kind in ("", own[0]) and name == own[1] for kind, name in wanted)

    return chosen


def _reference(text: str) -> tuple[str, str]:
    """Kind and name; the kind is empty if any matches."""
    kind, _, name = text.lower().rpartition("/")
    kind = kind.partition(".")[0]
    return SHORT.get(kind, kind), name


def _shown(found: list[Diagnosis], seen: Snapshot, given: argparse.Namespace) -> str:
    if given.output == "json":
        return json.dumps(as_json(found, seen.unread), indent=2) + "\n"
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return report(found, seen.unread, Style.of_terminal(colour=colour))


def _code(found: list[Diagnosis]) -> int:
    kinds = {each.kind for each in found}
    return FAULT if Kind.FAULT in kinds else UNKNOWN if Kind.UNKNOWN in kinds else HEALTHY


if __name__ == "__main__":
    sys.exit(main())
