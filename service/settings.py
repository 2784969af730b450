"""The service's settings, read once from ``PREDICTOR_*`` environment variables.

The prefix is not ``CIFAR10_``: Kubernetes injects ``CIFAR10_SERVICE_…`` into pods beside a Service of that name,
and a reader that refuses unknown names would not start there.
"""

import difflib
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NoReturn

from model.artifact import DEFAULT_DIRECTORY
from model.engines import AUTO, ENGINES, PRECISIONS, installed
from model.engines.cgroups import usage
from model.engines.cpu import available_cpus, default_threads
from service.setting_parsers import boolean, integer, key, one_of, seconds, text

PREFIX = "PREDICTOR_"
LAST_RECORDS_SECONDS = LAST_SPANS_SECONDS = LAST_LINES_SECONDS = 1.0
"""Maximum time at shutdown for recording the last requests, exporting the last spans and writing the last log lines."""
EXIT_CODE = 78
"""``EX_CONFIG`` of sysexits.h: the configuration is wrong."""

MAX_DEFAULT_WORKERS = 4

WORKER_MEMORY_BYTES = 1 << 30
"""Memory of one worker with the largest images, measured by ``python -m benchmarks.container``, rounded up."""

MASK = "***"
"""Shown in place of a secret."""


class SettingsError(ValueError):
    """One line that names the variable, its value and what was expected."""


def _setting(default: Any, parse: Callable[[str], Any], help: str, *, secret: bool = False) -> Any:
    """A secret is never shown: not in the start-up line, not in an error, not in ``repr``."""
    return field(default=default, repr=not secret, metadata={"parse": parse, "help": help, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """The settings with their defaults; build with :meth:`from_env`."""

    host: str = _setting("0.0.0.0", text, "Address that both servers listen on")
    port: int = _setting(8000, integer(1, 65535), "Port of the API")
    ops_port: int = _setting(9000, integer(1, 65535), "Port of the operations server: /metrics, /healthz and /readyz")
    model_dir: str = _setting(str(DEFAULT_DIRECTORY), text, "Directory of the model: card.json and the files it lists")
    engine: str = _setting("torch", one_of(*ENGINES), "Inference engine")
    precision: str = _setting(
        AUTO, one_of(*PRECISIONS), "Numeric precision; auto is the fastest of the CPU: bfloat16 or int8, else float32"
    )
    workers: int = _setting(
        0, integer(0, 64), "Worker processes, each with its own model; 0 means one per CPU and GiB of memory, up to 4"
    )
    cpu_threads: int = _setting(
        0, integer(0, 256), "Engine threads per worker; 0 means its share of the CPUs, less one"
    )
    cpu_affinity: str = _setting(
        AUTO, one_of(AUTO, "none"), "auto pins each worker to its own CPU, if there are enough"
    )
    max_body_bytes: int = _setting(8 << 20, integer(1 << 10, 1 << 30), "Maximum size of a request body, in bytes")
    max_image_pixels: int = _setting(16 << 20, integer(1 << 10, 1 << 28), "Maximum size of an image, in pixels")
    max_images: int = _setting(32, integer(1, 1024), "Maximum images per request; at most the queue's capacity")
    queue_capacity: int = _setting(64, integer(1, 4096), "Maximum images in the queue; further requests get 429")
    max_batch: int = _setting(16, integer(1, 256), "Maximum images per batch")
    deadline_seconds: float = _setting(
        5.0, seconds(0.01, 300), "Maximum time from the end of the body to the prediction; later requests get 504"
    )
    body_timeout_seconds: float = _setting(15.0, seconds(0.1, 300), "Maximum time for receiving a request")
    drain_seconds: float = _setting(5.0, seconds(0, 300), "Time after SIGTERM in which the unready server still serves")
    grace_seconds: float = _setting(20.0, seconds(1, 600), "Maximum time after that for requests in flight")
    keepalive_seconds: int = _setting(75, integer(1, 600), "Idle timeout of a connection; must exceed the proxy's")
    feedback_key: str = _setting(
        "", key, "Secret that signs prediction ids, the same in all replicas; empty disables signing", secret=True
    )
    feedback_max_age_days: int = _setting(30, integer(1, 3650), "Maximum age of a prediction that feedback refers to")
    trust_request_start: bool = _setting(
        False, boolean, "Measure the wait from the X-Request-Start header; only behind a proxy that always sets it"
    )
    revision: str = _setting("unknown", text, "Source revision of this build, shown in cifar10_build_info")
    log_format: str = _setting("auto", one_of("auto", "text", "json"), "auto is text on a terminal, else json")
    log_level: str = _setting("info", one_of("debug", "info", "warning", "error"), "Minimum level that is logged")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings; raise :class:`SettingsError` for an unknown name or a bad value."""
        known = {variable(name): name for name in cls.names()}
        given: dict[str, Any] = {}
        for name in sorted(name for name in environ if name.startswith(PREFIX)):
            if name not in known:
                raise SettingsError(f"{name} is not a setting{_closest(name, list(known))}")
            about = cls.__dataclass_fields__[known[name]].metadata
            try:
                given[known[name]] = about["parse"](environ[name])
            except ValueError as error:
                shown = MASK if about["secret"] else repr(environ[name])
                raise SettingsError(f"{name}={shown} is not valid: expected {error}") from None
        settings = cls(**given)
        settings._check_together()
        return settings

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(f.name for f in fields(cls))

    @property
    def worker_count(self) -> int:
        """Worker processes; 0 is resolved from the CPUs and the memory limit."""
        if self.workers:
            return self.workers
        limit = usage().memory_limit_bytes
        by_memory = MAX_DEFAULT_WORKERS if limit is None else limit // WORKER_MEMORY_BYTES
        return max(1, min(MAX_DEFAULT_WORKERS, math.floor(available_cpus()), by_memory))

    @property
    def engine_threads(self) -> int:
        """Engine threads of one worker."""
        return self.cpu_threads or default_threads(processes=self.worker_count)

    @property
    def threads(self) -> int:
        """Request threads of a worker: one per image in the queue and in a batch, and one for refusals.

        More would take processor time from predictions (benchmarks/overload.py).
        """
        return self.queue_capacity + self.max_batch + 1

    @property
    def longest_stop_seconds(self) -> float:
        """Maximum time from SIGTERM to the end of the process."""
        last = LAST_RECORDS_SECONDS + LAST_SPANS_SECONDS + LAST_LINES_SECONDS
        return self.drain_seconds + self.grace_seconds + self.deadline_seconds + last

    def changed(self) -> dict[str, Any]:
        """The settings that differ from their defaults, by variable name; secrets masked."""
        return {
            variable(f.name): MASK if f.metadata["secret"] else getattr(self, f.name)
            for f in fields(self)
            if getattr(self, f.name) != f.default
        }

    def _check_together(self) -> None:
        if not installed(self.engine):
            raise SettingsError(
                f"PREDICTOR_ENGINE={self.engine} needs the package {self.engine}, which is not installed: "
                f"pip install -r requirements-{self.engine}.txt"
            )
        precisions = (AUTO, *ENGINES[self.engine])
        if self.precision not in precisions:
            raise SettingsError(
                f"PREDICTOR_PRECISION={self.precision} is not supported by the engine {self.engine}: "
                f"expected one of {', '.join(precisions)}"
            )
        if self.port == self.ops_port:
            raise SettingsError(f"PREDICTOR_OPS_PORT={self.ops_port} is also PREDICTOR_PORT: set another port")
        if self.max_images > self.queue_capacity:
            raise SettingsError(
                f"PREDICTOR_MAX_IMAGES={self.max_images} is more than PREDICTOR_QUEUE_CAPACITY={self.queue_capacity}: "
                "the largest allowed request would never fit into the queue"
            )


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def exit_with(error: SettingsError) -> NoReturn:
    """Write one line to stderr and exit with :data:`EXIT_CODE`."""
    print(f"cifar10: {error}", file=sys.stderr)
    sys.exit(EXIT_CODE)


def _closest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
    return f": did you mean {PREFIX}{close[0]}?" if close else f"; known are {', '.join(sorted(known))}"
