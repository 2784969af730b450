"""gunicorn's configuration; the server is started with ``gunicorn -c service/gunicorn.conf.py``.

The settings are read here, before any worker is forked: gunicorn would restart a worker that fails because of them.
"""

import logging
import math
import os
import signal

from gunicorn.arbiter import Arbiter

from service.lifecycle import run_with_timeout
from service.multiprocess.worker_slot import WorkerSlot
from service.server import cpu_pinning, ops_server
from service.server.connections import raise_open_files_limit
from service.server.worker import Worker
from service.settings import LAST_LINES_SECONDS, Settings, SettingsError, exit_with
from service.telemetry.logs.access_log import GunicornLogger
from service.telemetry.logs.configuration import configuration

try:
    _settings = Settings.from_env(os.environ)
except SettingsError as error:
    exit_with(error)

wsgi_app = "service.app:create_app()"
worker_class = "service.server.worker.Worker"
bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = _settings.worker_count
threads = _settings.threads
worker_connections = raise_open_files_limit(_settings.threads)
preload_app = False  # torch's threads do not survive a fork
keepalive = _settings.keepalive_seconds
graceful_timeout = math.ceil(_settings.longest_stop_seconds)
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True  # it would need a writable home directory
logger_class = GunicornLogger
logconfig_dict = configuration(_settings)

logging.captureWarnings(True)
# No line names its thread or process, so they need not be looked up for every line.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
_log = logging.getLogger("cifar10")

GENERATIONS = 4
"""Generations of workers that may exist at once: during a reload, old workers finish beside new ones."""


def nworkers_changed(server: Arbiter, new_value: int, old_value: int | None) -> None:
    asked = {str(new_value), os.environ.get("WEB_CONCURRENCY") or str(workers)} - {str(workers)}
    if old_value is None and asked:
        exit_with(
            SettingsError(
                f"-w or WEB_CONCURRENCY sets {asked.pop()} workers, but PREDICTOR_WORKERS sets {workers}: "
                "use PREDICTOR_WORKERS only"
            )
        )


def on_starting(server: Arbiter) -> None:
    try:
        ops_server.bind(_settings.host, _settings.port).close()
        server.ops_listener = ops_server.bind(_settings.host, _settings.ops_port)
    except OSError as error:
        exit_with(
            SettingsError(
                f"cannot listen on PREDICTOR_HOST={_settings.host} with PREDICTOR_PORT={_settings.port} and "
                f"PREDICTOR_OPS_PORT={_settings.ops_port}: {error.strerror}"
            )
        )
    server.slots = [WorkerSlot() for _ in range(GENERATIONS * workers)]
    changed = ", ".join(f"{name}={value}" for name, value in _settings.changed().items())
    _log.info("settings: %s", changed or "defaults")
    if not _settings.feedback_key:
        _log.info("feedback: PREDICTOR_FEEDBACK_KEY is empty, so prediction ids are not signed and can be forged")


def when_ready(server: Arbiter) -> None:
    _log.info("listening: API on http://%s, operations on port %d, %d workers", bind, _settings.ops_port, workers)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    worker.settings, worker.ops_listener, worker.slots = _settings, server.ops_listener, server.slots
    worker.slot = next((slot for slot in server.slots if not slot.taken), None) or WorkerSlot()
    worker.slot.cpu = cpu_pinning.next_cpu(cpu_pinning.cpus(_settings), (slot.cpu for slot in server.slots))
    worker.slot.taken = True


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Until gunicorn installs the worker's handlers, a signal would only reach the inherited handler of the arbiter."""
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def child_exit(server: Arbiter, worker: Worker) -> None:
    worker.slot.vacate()


def post_worker_init(worker: Worker) -> None:
    worker.start()


def worker_int(worker: Worker) -> None:
    """SIGINT or SIGQUIT: exit at once, without waiting for clients."""
    if worker.predictor:
        worker.predictor.record()
    run_with_timeout(logging.shutdown, LAST_LINES_SECONDS, "last lines")
    os._exit(0)


def worker_exit(server: Arbiter, worker: Worker) -> None:
    if worker.predictor:
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)  # the grace period has not been exceeded
        worker.predictor.stop()
        _log.info("stopped")
