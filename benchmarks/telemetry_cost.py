"""What telemetry costs: the same load without it, with metrics and logs, and with several shares of traces sampled."""

from benchmarks import compare
from benchmarks.servers import SHIPPED, Variant
from tests.otlp_sink import running as collecting

PROGRAM = "benchmarks.telemetry_cost"


def variants(endpoint: str) -> list[Variant]:
    def sampling(share: float) -> Variant:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": str(share),
        }
        return Variant(f"traces-{share:.0%}", f"also traces, {share:.0%} of them sampled", settings=settings)

    return [
        Variant("off", "no metrics, logs or traces of requests", (*SHIPPED, "benchmarks.apps:without_telemetry()")),
        Variant("metrics-logs", "metrics and access log"),
        *(sampling(share) for share in (0.01, 0.1, 1.0)),
    ]


def main() -> None:
    options = compare.parser(PROGRAM, __doc__ or "", rounds=15, clients="8").parse_args()
    with collecting(remember=False) as sink:
        compare.run(PROGRAM, options, variants(sink.endpoint))


if __name__ == "__main__":
    main()
