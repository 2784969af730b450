"""One run: every contestant that can be had, from its start to its memory after the load."""

import os
import time
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from typing import Any

from model.provenance import machine, versions
from tests.bench.peers import disturbance, environments, limits, measure, tree
from tests.bench.peers.arguments import CELLS, Options
from tests.bench.peers.contestants import Contestant, contestants
from tests.bench.peers.payloads import Payload, payloads
from tests.bench.peers.served import Failed, Served, running
from tests.otlp_sink import running as collecting

CONSTANT = "tests.bench.peers.constant:create_app()"


class Bench:
    """:meth:`run` gives what the report is made of."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._cores = len(os.sched_getaffinity(0))
        self._began = time.monotonic()
        self._payloads = payloads()
        self._skipped: dict[str, str] = {}
        self._starts: dict[str, list[float]] = {}

    def run(self) -> dict[str, Any]:
        options, before = self._options, round(os.getloadavg()[0], 2)
        found: dict[str, Any] = {
            "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "machine": machine(),
            "load_before": before,
            "versions": versions(),
            "seconds": options.seconds,
            "rounds": options.rounds,
        }
        taking_part = [each for each in contestants(self._cores) if each.key in options.only and self._available(each)]
        with collecting(remember=False) as sink:
            for _ in range(options.starts):
                taking_part = [each for each in taking_part if self._starts_well(each, sink.endpoint)]
            with ExitStack() as stack:
                servers = [stack.enter_context(self._running(each, sink.endpoint)) for each in taking_part]
                servers = [served for served in servers if self._answers(served, *self._payloads.values())]
                found |= self._loaded(servers)
            found["limits"] = self._limits(sink.endpoint)
        taken = [served.contestant for served in servers]
        pins = {each.peer: environments.direct(each.peer) for each in taken if each.peer}
        return {**found, "pins": pins, "skipped": self._skipped}

    def say(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:5.0f} s  {line}", flush=True)

    def _available(self, each: Contestant) -> bool:
        folder = self._options.folder / each.peer
        if each.ours or environments.is_made(folder, each.peer):
            return True
        self.say(f"{each.key}: installing what it needs in {folder}")
        try:
            environments.make(folder, each.peer)
        except environments.Unavailable as reason:
            self._skip(each, str(reason))
            return False
        return True

    def _starts_well(self, each: Contestant, sink: str) -> bool:
        with self._running(each, sink) as served:
            if not self._answers(served, self._payloads["png"]):
                return False
        self._starts.setdefault(each.key, []).append(round(served.started_in, 3))
        self.say(f"{each.key}: right answer {served.started_in:.2f} s after its start")
        return True

    def _loaded(self, servers: list[Served]) -> dict[str, Any]:
        seconds, rounds = self._options.seconds, self._options.rounds
        self.say("warming up")
        measure.warm(servers, self._payloads)
        idle = measure.idle(servers, seconds)
        disturbed = disturbance.begin(lambda: sum(tree.processor_seconds(served.pid) for served in servers))
        closed = measure.closed(servers, self._payloads, CELLS, seconds, rounds, self.say)
        memory = {served.contestant.key: tree.memory(served.pid) for served in servers}
        opened = measure.opened(servers, self._payloads["png"], measure.saturated(closed), seconds, self.say)
        others = round(disturbed(), 3)
        described = [
            {
                "key": each.key,
                "name": each.name,
                "how": each.how,
                "ours": each.ours,
                "starts": self._starts[each.key],
                "idle_percent": idle[each.key],
                "resident_mb": round(memory[each.key].resident / 1e6),
                "proportional_mb": round(memory[each.key].proportional / 1e6),
            }
            for each in (served.contestant for served in servers)
        ]
        return {"others_share": others, "contestants": described, "closed": closed, "open": opened}

    def _limits(self, sink: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for name in limits.NAMES:
            found[name] = round(limits.rate(name, self._options.seconds, self._cores), 1)
            self.say(f"{name} alone, on all cores: {found[name]:.0f} images/s")
        ours = next(each for each in contestants(self._cores) if each.ours)
        constant = Contestant("constant", "HTTP alone", "", (*ours.command, CONSTANT), settings=ours.settings)
        small = {"png": self._payloads["png"]}
        with self._running(constant, sink) as served:
            served.wait_until_it_answers(small["png"])
            measure.warm([served], small)
            cells = [cell for cell in CELLS if cell[0] in small]
            for row in measure.closed([served], small, cells, self._options.seconds, 1, self.say):
                (only,) = row["rounds"]
                found[f"http {row['clients']}"] = only["rate"]
                found[f"http {row['clients']} cpu_ms"] = round(only["cpu_ms"] + only["client_cpu_ms"], 3)
        return found

    def _answers(self, served: Served, *payloads: Payload) -> bool:
        """Whether it comes to answer them all; who does not is left out."""
        try:
            for payload in payloads:
                served.wait_until_it_answers(payload)
        except Failed as reason:
            self._skip(served.contestant, f"{reason}, as its log in {self._options.folder.name} shows")
            return False
        return True

    def _running(self, each: Contestant, sink: str) -> AbstractContextManager[Served]:
        return running(each, self._options.folder, sink)

    def _skip(self, each: Contestant, reason: str) -> None:
        self._skipped[each.key] = reason
        self.say(f"{each.key} is left out: {reason}")
