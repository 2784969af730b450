"""Every setting of the service, read once from ``PREDICTOR_*`` environment variables.

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
from model.engines.cpu import available_cpus, default_threads
from service.cgroup import usage
from service.values import key, one_of, seconds, switch, text, whole

PREFIX = "PREDICTOR_"
LAST_RECORDS_SECONDS = 1.0
"""For counting and logging the last requests."""
LAST_SPANS_SECONDS = 1.0
"""For sending the last spans; a collector that is down must not eat the grace period."""
LAST_LINES_SECONDS = 1.0
"""For writing the last log lines; neither must a log that nobody reads."""
EXIT_CODE = 78
"""``EX_CONFIG`` of sysexits.h: the configuration is wrong, starting again will not help."""

MOST_WORKERS = 4
"""That are started where nobody said how many."""

BYTES_OF_A_WORKER = 1 << 30
"""What one may need with the largest images (``python -m tests.bench.container``), and a little more."""

MASK = "***"
"""Shown in place of a secret."""


class SettingsError(ValueError):
    """One line that names the variable, its value and what was expected."""


def _setting(default: Any, parse: Callable[[str], Any], text: str, *, secret: bool = False) -> Any:
    """A secret is shown nowhere: not in the start-up line, not in an error, not in ``repr``."""
    return field(default=default, repr=not secret, metadata={"parse": parse, "help": text, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """The settings with their defaults; build with :meth:`from_env`."""

    host: str = _setting("0.0.0.0", text, "Address both listeners bind to")
    port: int = _setting(8000, whole(1, 65535), "Port of the API")
    ops_port: int = _setting(9000, whole(1, 65535), "Port of /metrics, /healthz and /readyz on a thread of their own")
    model_dir: str = _setting(
        str(DEFAULT_DIRECTORY), text, "Folder of the model artifact (card.json and what it names)"
    )
    engine: str = _setting("torch", one_of(*ENGINES), "What computes the network")
    precision: str = _setting(
        AUTO, one_of(*PRECISIONS), "Arithmetic; auto takes what the CPU is fastest at: bfloat16 or int8, else float32"
    )
    workers: int = _setting(
        0,
        whole(0, 64),
        "Processes that serve, each with its own model, queue and threads; 0 is one a CPU and a GiB, 4 at most",
    )
    cpu_threads: int = _setting(
        0, whole(0, 256), "Threads of a worker's engine; 0 is its share of the CPU quota or affinity, less one"
    )
    cpu_affinity: str = _setting(
        AUTO, one_of(AUTO, "none"), "auto keeps each worker on a CPU of its own where there are as many, none on none"
    )
    max_body_bytes: int = _setting(8 << 20, whole(1 << 10, 1 << 30), "Largest request body, in bytes")
    max_image_pixels: int = _setting(16 << 20, whole(1 << 10, 1 << 28), "Largest image, in pixels, by its header")
    max_images: int = _setting(32, whole(1, 1024), "Most images in one request; at most the queue's capacity")
    queue_capacity: int = _setting(64, whole(1, 4096), "Images that may wait; more are refused with 429")
    max_batch: int = _setting(16, whole(1, 256), "Most images computed at once")
    deadline_seconds: float = _setting(5.0, seconds(0.01, 300), "Longest wait for a prediction; later ones get 504")
    body_timeout_seconds: float = _setting(15.0, seconds(0.1, 300), "Longest wait for a request's body")
    drain_seconds: float = _setting(
        5.0, seconds(0, 300), "How long a terminated server keeps serving while it is already unready"
    )
    grace_seconds: float = _setting(20.0, seconds(1, 600), "After that, how long requests in flight may take")
    keepalive_seconds: int = _setting(75, whole(1, 600), "How long an idle connection is kept; above the proxy's")
    feedback_key: str = _setting(
        "",
        key,
        "Secret that prediction ids are signed with, the same in all replicas; empty: not signed",
        secret=True,
    )
    feedback_max_age_days: int = _setting(30, whole(1, 3650), "Oldest prediction that feedback is accepted for")
    trust_request_start: bool = _setting(
        False, switch, "Count waiting from the X-Request-Start that a proxy sets, and clients cannot"
    )
    revision: str = _setting("unknown", text, "Revision of the source this was built from, for cifar10_build_info")
    log_format: str = _setting("auto", one_of("auto", "text", "json"), "auto is text on a terminal, else json")
    log_level: str = _setting("info", one_of("debug", "info", "warning", "error"), "Least severe level logged")

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
        """Worker processes; 0 is looked up in the CPU quota or affinity, and in the memory limit."""
        if self.workers:
            return self.workers
        limit = usage().memory_limit_bytes
        by_memory = MOST_WORKERS if limit is None else limit // BYTES_OF_A_WORKER
        return max(1, min(MOST_WORKERS, math.floor(available_cpus()), by_memory))

    @property
    def engine_threads(self) -> int:
        """Threads of the engine of one worker."""
        return self.cpu_threads or default_threads(processes=self.worker_count)

    @property
    def threads(self) -> int:
        """Request threads: enough to fill the queue and a batch and still refuse the next request at once."""
        return self.queue_capacity + self.max_batch + 8

    @property
    def longest_stop_seconds(self) -> float:
        """From SIGTERM to the end at the latest: draining, requests in flight, the queue, what is told last."""
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
        if self.precision not in (AUTO, *ENGINES[self.engine]):
            raise SettingsError(
                f"PREDICTOR_PRECISION={self.precision} is not known to the engine {self.engine}: "
                f"expected one of {', '.join((AUTO, *ENGINES[self.engine]))}"
            )
        if self.port == self.ops_port:
            raise SettingsError(f"PREDICTOR_OPS_PORT={self.ops_port} is the API's port: give it one of its own")
        if self.max_images > self.queue_capacity:
            raise SettingsError(
                f"PREDICTOR_MAX_IMAGES={self.max_images} is more than PREDICTOR_QUEUE_CAPACITY={self.queue_capacity}: "
                "a full request would never fit"
            )


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def exit_with(error: SettingsError) -> NoReturn:
    """End the process as sysexits.h has it for a wrong configuration, with the one line that says why."""
    print(f"cifar10: {error}", file=sys.stderr)
    sys.exit(EXIT_CODE)


def _closest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
    return f": did you mean {PREFIX}{close[0]}?" if close else f"; known are {', '.join(sorted(known))}"
