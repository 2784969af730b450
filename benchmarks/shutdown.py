"""Does a stopping server lose requests? SIGTERM under load, with kept connections and with a new one per request.

A request is lost if its connection was made and then reset, closed or timed out before the whole answer. A refused
connection is not lost: nothing listens any more, so a load balancer sends the request elsewhere.
"""

import argparse
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks import hey, payloads, report
from benchmarks.servers import Variant, running

PROGRAM = "benchmarks.shutdown"
LOAD_SECONDS = 1.0
"""Of load before the signal."""

LIMIT_SECONDS = 60.0
KINDS = {"kept": (), "new": ("-disable-keepalive",)}


def stopped(variant: Variant, clients: int) -> dict[str, hey.Summary]:
    """Start a server, load it, stop it; what became of the requests of each kind of connection."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        form = payloads.write(folder)["png"]
        with running(variant, folder) as server:
            sending = {
                kind: subprocess.Popen(
                    hey.command(server.url, form, *options, seconds=LIMIT_SECONDS, clients=clients),
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for kind, options in KINDS.items()
            }
            time.sleep(LOAD_SECONDS)
            server.process.terminate()
            server.process.wait(LIMIT_SECONDS)
            for each in sending.values():
                each.send_signal(signal.SIGINT)  # hey prints its summary
            return {kind: hey.parse_summary(each.communicate()[0]) for kind, each in sending.items()}


def rows(found: dict[str, list[hey.Summary]]) -> list[Sequence[str]]:
    """One row per kind of connection."""
    lines: list[Sequence[str]] = []
    for kind, runs in found.items():
        statuses = sum((each.statuses for each in runs), Counter[int]())
        answered, shed = statuses[200], statuses[429] + statuses[503]
        counts = (answered, shed, statuses.total() - answered - shed, sum(each.lost for each in runs))
        lines.append([kind, str(len(runs)), *map(str, counts)])
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--clients", type=int, default=8, help="of each kind of connection")
    parser.add_argument("--drain", type=float, default=1.0, help="PREDICTOR_DRAIN_SECONDS")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    origin = report.origin(PROGRAM)
    variant = Variant("shipped", "", settings={"PREDICTOR_DRAIN_SECONDS": str(options.drain)})
    found: dict[str, list[hey.Summary]] = {kind: [] for kind in KINDS}
    for number in range(options.times):
        for kind, summary in stopped(variant, options.clients).items():
            found[kind].append(summary)
            print(f"{number + 1}, {kind}: {summary.lost} lost; {dict(summary.statuses)} {dict(summary.errors)}")
    header = ("connections", "SIGTERMs", "200", "429 or 503", "other status", "lost")
    report.publish(PROGRAM, [origin, report.table(header, rows(found))], write=options.write)


if __name__ == "__main__":
    main()
