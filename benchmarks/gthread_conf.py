"""gunicorn's own threaded worker with the same application, for ``gunicorn -c``.

It has no ops server, and its workers do not share what they count. ``BENCHMARK_PIN=1`` pins each worker to a CPU.
"""

import logging
import os

from gunicorn.workers.gthread import ThreadWorker

from service.server import cpu_pinning
from service.server.connections import raise_open_files_limit
from service.settings import Settings
from service.telemetry.logs.access_log import GunicornLogger
from service.telemetry.logs.configuration import configuration

_settings = Settings.from_env(os.environ)

wsgi_app = "service.app:create_app()"
worker_class = "gthread"
bind = f"{_settings.host}:{_settings.port}"
workers = _settings.worker_count
threads = _settings.threads
worker_connections = raise_open_files_limit(_settings.threads)
keepalive = _settings.keepalive_seconds
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True
logger_class = GunicornLogger
logconfig_dict = configuration(_settings)

logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def post_worker_init(worker: ThreadWorker) -> None:
    cpus = cpu_pinning.cpus(_settings) if os.environ.get("BENCHMARK_PIN") == "1" else []
    cpu_pinning.pin(cpus[worker.age % len(cpus)] if cpus else None)
    worker.wsgi.extensions["predictor"].start().join()


def worker_exit(server: object, worker: ThreadWorker) -> None:
    worker.wsgi.extensions["predictor"].stop()
