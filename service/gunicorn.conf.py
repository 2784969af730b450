"""gunicorn's configuration; the entry point is ``gunicorn -c service/gunicorn.conf.py``.

Settings are read here, before any worker is forked: in a worker, a wrong one would make gunicorn fork for ever.
"""

import logging
import math
import os
from functools import partial

from gunicorn.arbiter import Arbiter

from service import affinity, connections, ops
from service.cell import Cell
from service.settings import Settings, SettingsError, exit_with
from service.slots import Slot
from service.telemetry import logs
from service.turns import Turns
from service.worker import Worker

try:
    _settings = Settings.from_env(os.environ)
except SettingsError as error:
    exit_with(error)

wsgi_app = "service.app:create_app()"
worker_class = "service.worker.Worker"
bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = _settings.worker_count
threads = _settings.threads
worker_connections = connections.allow(_settings.threads)
preload_app = False  # torch's threads do not survive a fork
keepalive = _settings.keepalive_seconds
graceful_timeout = math.ceil(_settings.longest_stop_seconds)
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
control_socket_disable = True  # it would need a writable home
logger_class = logs.GunicornLogger
logconfig_dict = logs.configuration(_settings)

logging.captureWarnings(True)
# No line names its thread or process, so looking them up for every line is left out.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
_log = logging.getLogger("cifar10")

GENERATIONS = 4
"""Of workers that may be there at once: while the configuration is loaded anew, old ones finish beside new ones."""


def on_starting(server: Arbiter) -> None:
    asked = {str(server.cfg.workers), os.environ.get("WEB_CONCURRENCY") or str(workers)} - {str(workers)}
    if asked:
        exit_with(
            SettingsError(
                f"-w or WEB_CONCURRENCY asks for {asked.pop()} workers, and PREDICTOR_WORKERS is what says how many: "
                f"here {workers}"
            )
        )
    try:
        ops.bind(_settings.host, _settings.port).close()
        server.ops_listener = ops.bind(_settings.host, _settings.ops_port)
    except OSError as error:
        exit_with(
            SettingsError(
                f"cannot listen on PREDICTOR_HOST={_settings.host} with PREDICTOR_PORT={_settings.port} and "
                f"PREDICTOR_OPS_PORT={_settings.ops_port}: {error.strerror}"
            )
        )
    server.slots = [Slot() for _ in range(GENERATIONS * workers)]
    server.handle_ttin = server.handle_ttou = lambda: _log.warning(
        "the number of workers stays as it is: PREDICTOR_WORKERS sets it"
    )
    server.ending = Cell(1)
    server.handle_term = partial(_terminate, server)
    changed = ", ".join(f"{name}={value}" for name, value in _settings.changed().items())
    _log.info("settings: %s", changed or "all at their defaults")
    if not _settings.feedback_key:
        _log.info("feedback: anybody can make up prediction ids, since PREDICTOR_FEEDBACK_KEY is empty")


def _terminate(server: Arbiter) -> None:
    """Tell the workers that none comes after them, unless somebody else has the listening socket as well."""
    if server.reexec_pid == server.master_pid == 0 and not server.systemd:
        server.ending.write(b"1")
    Arbiter.handle_term(server)


def when_ready(server: Arbiter) -> None:
    _log.info(
        "listening: API on http://%s, probes and metrics on port %d; workers: %d", bind, _settings.ops_port, workers
    )


def pre_fork(server: Arbiter, worker: Worker) -> None:
    worker.ops_listener, worker.slots = server.ops_listener, server.slots
    free = next((slot for slot in server.slots if not slot.taken), None)
    worker.slot = free or Slot()  # a stranger to the others, but better than none
    worker.slot.taken = True
    worker.turns = Turns(server.slots, worker.slot)
    worker.ending = server.ending
    worker.cpu = affinity.next_cpu(affinity.cpus(_settings), (other.cpu for other in server.WORKERS.values()))


def child_exit(server: Arbiter, worker: Worker) -> None:
    worker.slot.vacate()


def post_worker_init(worker: Worker) -> None:
    predictor = worker.wsgi.extensions["predictor"]
    predictor.join(worker.slots, worker.slot, worker.wake)
    worker.cfg.set("graceful_timeout", math.ceil(_settings.grace_seconds))  # counted from the end of the drain
    # gunicorn looks settings up twenty times a request, which takes long unless they are the object's own attributes.
    worker.cfg.__dict__.update({name: setting.get() for name, setting in worker.cfg.settings.items()})
    logs.count_with(predictor.metrics.logs, predictor.metrics.losses)
    affinity.stay_on(worker.cpu)
    predictor.start()
    ops.serve(predictor.inside, worker.slot.listener)
    ops.serve(predictor.ops, worker.ops_listener)


def worker_exit(server: Arbiter, worker: Worker) -> None:
    if worker.booted:
        worker.wsgi.extensions["predictor"].stop()
        _log.info("stopped")
