"""The table, one row for each rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.overload.watch import Watch
from tests.bench.peers.figures import quantile
from tests.bench.peers.load import Result

HEADER = (
    "due", "due/s", "sent/s", "answered/s", "of peak", "refused", "lost", "p50 ms", "p99 ms", "p99 by 0.8x",
    "sent late p99", "readyz p99", "worst", "metrics p99", "worst", "RSS MB", "after", "normal after s",
)  # fmt: skip
NOT_SENT = "not sent: all connections busy"


@dataclass(frozen=True)
class Row:
    """What was seen at one rate; ``times`` the peak. Memory in bytes, times in seconds."""

    times: float
    rate: float
    seconds: float
    result: Result
    watch: Watch
    memory: tuple[int, int]
    recovered: float | None

    @property
    def p99(self) -> float | None:
        return quantile(sorted(self.result.latencies), 0.99)

    @property
    def refused(self) -> int:
        return self.result.statuses.get("429", 0)

    @property
    def lost(self) -> int:
        """Sent, and neither answered nor refused."""
        failed = sum(number for what, number in self.result.errors.items() if what != NOT_SENT)
        return failed + sum(number for status, number in self.result.statuses.items() if status not in ("200", "429"))

    @property
    def sent(self) -> int:
        return len(self.result.late)

    def cells(self, peak: float, calm: float | None) -> list[str]:
        """As text; ``calm`` is the p99 that others are compared with."""
        answered, ordered = self.result.within / self.seconds, sorted(self.result.latencies)
        return [
            f"{self.times:g}x",
            f"{self.rate:.0f}",
            f"{self.sent / self.seconds:.0f}",
            f"{answered:.0f}",
            f"{answered / peak:.0%}",
            f"{self.refused / max(1, self.sent):.1%}",
            f"{self.lost}",
            milliseconds(quantile(ordered, 0.5)),
            milliseconds(self.p99),
            f"{self.p99 / calm:.2f}" if self.p99 and calm else "-",
            milliseconds(quantile(sorted(self.result.late), 0.99)),
            *(cell for path in ("/readyz", "/metrics") for cell in slowest(self.watch.seconds[path])),
            *(f"{each / 1e6:.0f}" for each in self.memory),
            "never" if self.recovered is None else f"{self.recovered:.2f}",
        ]


def slowest(seconds: Sequence[float]) -> tuple[str, str]:
    """The p99, which is the worst where there are less than a hundred, and the worst."""
    ordered = sorted(seconds)
    worst = ordered[-1] if ordered else None
    return milliseconds(quantile(ordered, 0.99) or worst), milliseconds(worst)


def milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.1f}"


def table(rows: Sequence[Row], peak: float) -> str:
    """Markdown, in columns."""
    calm = next((row.p99 for row in rows if row.times < 1), None)
    cells = [list(HEADER), *(row.cells(peak, calm) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    lines = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
