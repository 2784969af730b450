"""Load from hey (https://github.com/rakyll/hey): clients that send their next request when one is answered."""

import csv
import io
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.payloads import CONTENT_TYPE


@dataclass
class Result:
    """Answers by status, and the seconds that each answer with a 2xx status took.

    hey's CSV output lists no request without an answer; :func:`summary` counts those.
    """

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        self.seconds += other.seconds
        self.statuses += other.statuses
        self.latencies += other.latencies

    @property
    def rate(self) -> float:
        """Answers per second, whatever their status."""
        return self.statuses.total() / self.seconds

    @property
    def goodput(self) -> float:
        """Answers per second with a 2xx status."""
        return len(self.latencies) / self.seconds

    def milliseconds(self, percent: int) -> float | None:
        """A percentile of the latency of 2xx answers; ``None`` if there are too few answers."""
        if len(self.latencies) < 100 / (100 - percent):
            return None
        return 1000 * sorted(self.latencies)[len(self.latencies) * percent // 100]


def executable() -> str:
    return shutil.which("hey") or sys.exit("hey is not installed: sudo apt-get install hey")


def command(url: str, form: Path, *options: str, clients: int, seconds: float = 0) -> list[str]:
    """Post a form (see :mod:`benchmarks.payloads`) for that long, or as often as ``-n`` in ``options`` says."""
    request = ["-m", "POST", "-T", CONTENT_TYPE, "-D", str(form)]
    duration = ["-z", f"{round(1000 * seconds)}ms"] if seconds else []
    return [executable(), *duration, "-c", str(clients), *request, *options, url]


def load(url: str, form: Path, *options: str, seconds: float, clients: int) -> Result:
    """Send for that long, over kept connections unless an option says otherwise."""
    sending = command(url, form, "-o", "csv", *options, seconds=seconds, clients=clients)
    done = subprocess.run(sending, capture_output=True, text=True, check=True, timeout=seconds + 60)
    return parse_csv(done.stdout.splitlines(), seconds)


def parse_csv(lines: Iterable[str], seconds: float) -> Result:
    """The answers that came before the time was up."""
    result = Result(seconds)
    for row in csv.DictReader(lines):
        took, status = float(row["response-time"]), int(row["status-code"])
        if float(row["offset"]) + took <= seconds:
            result.statuses[status] += 1
            if 200 <= status < 300:
                result.latencies.append(took)
    return result


@dataclass(frozen=True)
class Summary:
    """Answers by status, and requests without an answer by error."""

    statuses: Counter[int]
    errors: Counter[str]

    @property
    def refused_connections(self) -> int:
        """Requests that could not be sent because nothing listened any more."""
        return sum(count for error, count in self.errors.items() if error.endswith("connection refused"))

    @property
    def lost(self) -> int:
        """Requests that failed after a connection was made: reset, closed or timed out before the whole answer."""
        return self.errors.total() - self.refused_connections


def parse_summary(text: str) -> Summary:
    """Read what hey prints without ``-o csv``."""
    statuses, errors = Counter[int](), Counter[str]()
    for line in io.StringIO(text):
        if found := re.fullmatch(r"\s+\[(\d+)\]\t(\d+) responses\n", line):
            statuses[int(found[1])] += int(found[2])
        elif found := re.fullmatch(r"\s+\[(\d+)\]\t(.+)\n", line):
            errors[found[2]] += int(found[1])
    return Summary(statuses, errors)
