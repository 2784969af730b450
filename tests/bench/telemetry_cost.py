"""What telemetry costs: the same load with it off, with metrics and logs, and with tracing at 1 % and at 100 %.

``python -m tests.bench.telemetry_cost`` needs ``hey`` (Debian's package) and prints throughput as a ratio to "off", its
middle half over the rounds, and the processor time that the server spent on a request. All variants stay up and get
the load in turns of seconds, as a machine's speed drifts by more than the differences looked for.
"""

import argparse
import os
import random
import shutil
import statistics
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from tests.bench.hey import latencies
from tests.e2e.server import ROOT, Server, running
from tests.otlp_sink import Sink
from tests.otlp_sink import running as collecting

IMAGE = ROOT / "test_image.png"
BASELINE = "off"


def variants(sink: Sink) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Arguments and settings of each variant."""
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}
    return {
        BASELINE: (["tests.bench.bare:create_bare_app()"], {"log_level": "error"}),
        "metrics and logs": ([], {}),
        "tracing 1 %": ([], {**traced, "OTEL_TRACES_SAMPLER_ARG": "0.01"}),
        "tracing 100 %": ([], {**traced, "OTEL_TRACES_SAMPLER_ARG": "1.0"}),
    }


def processor_seconds(server: Server) -> float:
    """Spent so far by the process that serves."""
    (worker,) = server.workers()
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quartiles(values: list[float]) -> tuple[float, float, float]:
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return low, middle, high


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.telemetry_cost", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=4, help="of load for each variant in a round")
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    hey = shutil.which("hey") or parser.error("hey is not installed: sudo apt-get install hey")
    rates, medians, spent = defaultdict[str, list[float]](list), defaultdict(list), defaultdict(list)
    with ExitStack() as stack:
        sink = stack.enter_context(collecting(remember=False))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers: dict[str, Server] = {}
        for name, (given, settings) in variants(sink).items():
            server = servers[name] = stack.enter_context(running(folder, *given, **settings))
            server.wait_until_ready()
            latencies(hey, server.url(), IMAGE, seconds=2, clients=arguments.clients)
        for number in range(arguments.rounds):
            for name, server in random.sample(list(servers.items()), k=len(servers)):
                before = processor_seconds(server)
                took = latencies(hey, server.url(), IMAGE, seconds=arguments.seconds, clients=arguments.clients)
                spent[name].append(1000 * (processor_seconds(server) - before) / len(took))
                rates[name].append(len(took) / arguments.seconds)
                medians[name].append(1000 * statistics.median(took))
            now = ", ".join(f"{name} {rates[name][-1]:.0f}" for name in servers)
            print(f"round {number + 1}: {now} requests/s", flush=True)
    print(f"\n{'':18}{'requests/s':>12}{'of off':>9}{'middle half':>16}{'p50 ms':>9}{'CPU ms':>9}{'more ms':>9}")
    for name in servers:
        low, ratio, high = quartiles([one / off for one, off in zip(rates[name], rates[BASELINE], strict=True)])
        more = statistics.median(one - off for one, off in zip(spent[name], spent[BASELINE], strict=True))
        print(
            f"{name:18}{statistics.median(rates[name]):12.0f}{ratio:9.3f}{f'{low:.3f} to {high:.3f}':>16}"
            f"{statistics.median(medians[name]):9.2f}{statistics.median(spent[name]):9.3f}{more:9.3f}"
        )


if __name__ == "__main__":
    main()
