"""How many workers, and how many engine threads in each, are best on this machine."""

from benchmarks import compare
from benchmarks.servers import Variant
from model.engines.cpu import available_cpus

PROGRAM = "benchmarks.sizing"


def variant(engine: str, workers: int, threads: int) -> Variant:
    settings = {"ENGINE": engine, "WORKERS": str(workers), "CPU_THREADS": str(threads)}
    about = f"PREDICTOR_WORKERS={workers}, PREDICTOR_CPU_THREADS={threads}"
    return Variant(f"{workers}x{threads}", about, settings={f"PREDICTOR_{name}": it for name, it in settings.items()})


def main() -> None:
    up_to_cpus = ",".join(str(count) for count in range(1, int(available_cpus()) + 1))
    parser = compare.parser(PROGRAM, __doc__ or "", rounds=5, clients="1,8,32")
    parser.add_argument("--engine", default="onnxruntime")
    parser.add_argument("--workers", default=up_to_cpus, help="numbers of workers, separated by commas")
    parser.add_argument("--threads", default="1", help="numbers of engine threads, separated by commas")
    options = parser.parse_args()
    sizes = [(int(w), int(t)) for w in options.workers.split(",") for t in options.threads.split(",")]
    compare.run(PROGRAM, options, [variant(options.engine, *size) for size in sizes])


if __name__ == "__main__":
    main()
