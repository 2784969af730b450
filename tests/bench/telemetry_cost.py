"""What telemetry costs: the same load with it off, with metrics and logs, and with tracing at 1 % and at 100 %.

``python -m tests.bench.telemetry_cost`` needs ``hey`` (Debian's package) and prints throughput as a ratio to "off".
Variants are interleaved, since a machine's speed drifts by more than the differences looked for.
"""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from tests.bench.hey import latencies
from tests.e2e.server import ROOT, running
from tests.otlp_sink import Sink
from tests.otlp_sink import running as collecting

IMAGE = ROOT / "test_image.png"


def variants(sink: Sink) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Arguments and settings of each variant; the first is the baseline."""
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}
    return {
        "off": (["tests.bench.bare:create_bare_app()"], {"log_level": "error"}),
        "metrics and logs": ([], {}),
        "tracing 1 %": ([], {**traced, "OTEL_TRACES_SAMPLER_ARG": "0.01"}),
        "tracing 100 %": ([], {**traced, "OTEL_TRACES_SAMPLER_ARG": "1.0"}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.telemetry_cost", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    hey = shutil.which("hey") or parser.error("hey is not installed: sudo apt-get install hey")
    rates: dict[str, list[float]] = {}
    medians: dict[str, list[float]] = {}
    with collecting(remember=False) as sink, tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.rounds):
            for name, (given, settings) in variants(sink).items():
                with running(Path(folder), *given, **settings) as server:
                    server.wait_until_ready()
                    latencies(hey, server.url(), IMAGE, seconds=2, clients=arguments.clients)
                    spent = latencies(hey, server.url(), IMAGE, seconds=arguments.seconds, clients=arguments.clients)
                rates.setdefault(name, []).append(len(spent) / arguments.seconds)
                medians.setdefault(name, []).append(1000 * statistics.median(spent))
                print(f"round {number + 1}: {name}: {rates[name][-1]:.0f} requests/s", flush=True)
    print(f"\n{'':18}{'requests/s':>12}{'of off':>9}{'p50 ms':>9}")
    for name in rates:
        ratio = statistics.median(one / off for one, off in zip(rates[name], rates["off"], strict=True))
        print(f"{name:18}{statistics.median(rates[name]):12.0f}{ratio:9.3f}{statistics.median(medians[name]):9.2f}")


if __name__ == "__main__":
    main()
