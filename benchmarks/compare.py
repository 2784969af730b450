"""Compares servers: all of them run, and in every round each gets the same load in turn, in random order.

A machine's speed drifts by more than the differences looked for, so each figure is compared within its round.
"""

import argparse
import random
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import hey, payloads, report
from benchmarks.servers import Server, Variant, running

WARM_SECONDS, WARM_CLIENTS = 1.0, 16

Cell = tuple[str, int]
"""The name of a payload, and the number of clients."""


@dataclass
class Figures:
    """Of one server and one cell: all rounds together, and the goodput and cost of each round."""

    total: hey.Result = field(default_factory=hey.Result)
    goodput: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    """Milliseconds of processor time per 2xx answer."""

    def add(self, result: hey.Result, processor_seconds: float) -> None:
        self.total.add(result)
        self.goodput.append(result.goodput)
        self.cost.append(1000 * processor_seconds / max(1, len(result.latencies)))

    def row(self, baseline: "Figures") -> list[str]:
        return [
            report.number(self.total.rate, 0),
            report.number(self.total.goodput, 0),
            relative(self.goodput, baseline.goodput),
            report.number(self.total.milliseconds(50)),
            report.number(self.total.milliseconds(99)),
            report.number(statistics.median(self.cost), 2),
            relative(self.cost, baseline.cost),
        ]


def relative(values: Sequence[float], baseline: Sequence[float]) -> str:
    """Each value by the baseline's in the same round: the median, and the range."""
    found = [one / other for one, other in zip(values, baseline, strict=True) if other]
    return f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})" if found else "-"


HEADER = ("requests/s", "2xx/s", "2xx/s, relative", "p50, ms", "p99, ms", "CPU, ms", "CPU, relative")


def parser(program: str, description: str, *, rounds: int, clients: str) -> argparse.ArgumentParser:
    """The options that all comparisons have."""
    found = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    found.add_argument("--rounds", type=int, default=rounds)
    found.add_argument("--seconds", type=float, default=3.0, help="of load per server and number of clients in a round")
    found.add_argument("--clients", default=clients, help="numbers of clients, separated by commas")
    found.add_argument("--only", default="", help="names of servers, separated by commas")
    found.add_argument("--quick", action="store_true", help="one round of one second each")
    found.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return found


def run(
    program: str, options: argparse.Namespace, variants: Sequence[Variant], forms: Sequence[str] = ("png",)
) -> None:
    """Measure the variants and publish the tables; the first variant is the baseline.

    ``forms`` are payloads; those after the first are sent by 8 clients only.
    """
    names = [name.strip() for name in options.only.split(",") if name.strip()] or [each.name for each in variants]
    if unknown := set(names) - {each.name for each in variants}:
        raise SystemExit(f"--only: unknown {', '.join(unknown)}: choose from {', '.join(e.name for e in variants)}")
    variants = [each for each in variants if each.name in names]
    rounds, seconds = (1, 1.0) if options.quick else (options.rounds, options.seconds)
    cells = [(forms[0], int(clients)) for clients in options.clients.split(",")] + [(form, 8) for form in forms[1:]]
    parts = [f"{report.origin(program)} Rounds: {rounds} of {seconds:g} s."]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = payloads.write(folder)
        servers = []
        for variant in variants:
            server = stack.enter_context(running(variant, folder))
            hey.load(server.url, files[forms[0]], seconds=WARM_SECONDS, clients=WARM_CLIENTS)
            print(f"{variant.name}: started in {server.start_seconds:.2f} s", flush=True)
            if variant.polls:
                server.pause()
            servers.append(server)
        figures = measure(servers, files, cells, rounds, seconds)
        parts.append(
            report.table(
                ("server", "what it is", "start, s", "memory, MB"),
                [
                    [s.variant.name, s.variant.about, f"{s.start_seconds:.2f}", f"{s.memory_bytes() / 1e6:.0f}"]
                    for s in servers
                ],
                left=2,
            )
        )
    for form, clients in cells:
        baseline = figures[variants[0].name, (form, clients)]
        rows = [[each.name, *figures[each.name, (form, clients)].row(baseline)] for each in variants]
        parts.append(report.table((f"{form}, {clients} clients", *HEADER), rows))
    report.publish(program, parts, write=options.write)


def measure(
    servers: Sequence[Server], files: dict[str, Path], cells: Sequence[Cell], rounds: int, seconds: float
) -> dict[tuple[str, Cell], Figures]:
    """The figures of each server, by its name, and cell."""
    found = defaultdict[tuple[str, Cell], Figures](Figures)
    for number in range(rounds):
        for form, clients in cells:
            for server in random.sample(servers, k=len(servers)):
                server.resume()
                before = server.processor_seconds()
                result = hey.load(server.url, files[form], *server.variant.load, seconds=seconds, clients=clients)
                found[server.variant.name, (form, clients)].add(result, server.processor_seconds() - before)
                if server.variant.polls:
                    server.pause()
            now = (
                f"{each.variant.name} {found[each.variant.name, (form, clients)].goodput[-1]:.0f}" for each in servers
            )
            print(f"round {number + 1}, {form}, {clients} clients: {', '.join(now)} 2xx/s", flush=True)
    return found
