"""The application factory: the only place where the parts meet."""

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Flask
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, disable_created_metrics

from model.artifact import Artifact
from model.engines import Engine
from model.labels import CLASSES
from service.api import feedback, health, metrics, model_card, predict, problem_details
from service.inference.batcher import Batcher
from service.inference.model_loader import ModelLoader
from service.inference.prediction_id import PredictionIds
from service.json_encoding import OrjsonProvider
from service.lifecycle import Lifecycle, run_with_timeout
from service.multiprocess.peers import Peers
from service.multiprocess.worker_slot import WorkerSlot
from service.settings import LAST_RECORDS_SECONDS, Settings
from service.telemetry import middleware
from service.telemetry.logs import access_log
from service.telemetry.logs.configuration import current_handler
from service.telemetry.metrics.http import HttpMetrics
from service.telemetry.metrics.lifecycle import LifecycleMetrics
from service.telemetry.metrics.predictions import PredictionMetrics
from service.telemetry.metrics.process import ProcessMetrics
from service.telemetry.metrics.serving import ServingMetrics
from service.telemetry.metrics.telemetry_health import TelemetryMetrics
from service.telemetry.metrics.workers import AllWorkers
from service.telemetry.recorder import Recorder
from service.telemetry.tracing.configuration import create_tracer

if TYPE_CHECKING:
    from service.telemetry.tracing.tracer import Tracer

SCRAPE_TIMEOUT_SECONDS = 1.0
"""How long a scrape waits for observations to be recorded; after that it shows the state so far."""


@dataclass(frozen=True)
class Predictor:
    """The parts of one server process; ``app.extensions["predictor"]``."""

    settings: Settings
    lifecycle: Lifecycle
    loader: ModelLoader
    batcher: Batcher
    tracer: "Tracer | None"
    recorder: Recorder
    peers: Peers
    workers: AllWorkers
    predictions: PredictionMetrics
    state: LifecycleMetrics
    ops: Flask
    """For probes and Prometheus."""
    peer: Flask
    """For the other worker processes."""

    def join(self, slots: Sequence[WorkerSlot], own: WorkerSlot) -> None:
        """Become one of several workers, with a slot of its own; before :meth:`start`."""
        self.peers.join(slots, own)
        self.workers.inherit()
        self.peers.announce(self.lifecycle.report())

    def start(self) -> threading.Thread:
        """Start the threads that compute and record, and the one that loads the model, which is returned."""
        self.batcher.start()
        self.recorder.start()
        loading = threading.Thread(target=self.loader.run, args=[self._publish], name="model-loader", daemon=True)
        loading.start()
        return loading

    def stop(self) -> None:
        """Finish what is queued, then record and export the rest; call it when no more requests come."""
        self.lifecycle.drain()
        self.batcher.close(self.settings.deadline_seconds)
        self.record()

    def record(self) -> None:
        """Record the answered requests, export their spans and store the counters; safe in a signal handler."""
        run_with_timeout(self.recorder.stop, LAST_RECORDS_SECONDS, "last records")
        if self.tracer:
            self.tracer.shutdown()
        run_with_timeout(self.workers.own, SCRAPE_TIMEOUT_SECONDS, "last counters")

    def _publish(self, artifact: Artifact, engine: Engine, seconds: float) -> None:
        self.state.loaded(artifact, engine, seconds)
        self.predictions.loaded(artifact.card.reference)


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Flask:
    """Build the API; no thread runs before ``app.extensions["predictor"].start()``.

    Settings default to those of the environment; ``engine`` is used instead of the one that the settings name.
    """
    settings = settings or Settings.from_env(os.environ)
    disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double the number of series
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    http, serving, predictions = HttpMetrics(registry), ServingMetrics(registry), PredictionMetrics(registry, CLASSES)
    telemetry = TelemetryMetrics(registry, current_handler())
    ProcessMetrics(registry, settings.revision)
    tracer = create_tracer(os.environ, telemetry)

    peers = Peers()
    lifecycle = Lifecycle(on_change=peers.announce)
    loader = ModelLoader(settings, lifecycle, engine)
    batcher = Batcher(
        loader.predict,
        capacity=settings.queue_capacity,
        max_batch=settings.max_batch,
        on_batch=serving.batch,
        trace=tracer.batch if tracer else None,
    )
    state = LifecycleMetrics(registry, lifecycle, batcher)
    tracing = [tracer.record] if tracer else []
    watchers = [http.record, serving.record, predictions.record, *tracing, access_log.write]
    recorder = Recorder(watchers, telemetry.requests_unrecorded)
    workers = AllWorkers(registry, peers, before_scrape=partial(recorder.flush, SCRAPE_TIMEOUT_SECONDS))
    ids = PredictionIds(settings.feedback_key, settings.feedback_max_age_days)

    operations = [health.blueprint(lifecycle, batcher, peers), metrics.blueprint(workers, telemetry)]
    app = _flask(
        "service",
        [
            *operations,
            model_card.blueprint(loader),
            predict.blueprint(settings, lifecycle, loader, batcher, ids),
            feedback.blueprint(settings, loader, ids, predictions),
        ],
    )
    middleware.install(app, http, tracer, recorder, trust_request_start=settings.trust_request_start)
    ops = _flask("service.ops", operations)
    peer = _flask("service.peer", [health.blueprint(lifecycle, batcher), metrics.peer_blueprint(workers)])
    app.extensions["predictor"] = Predictor(
        settings, lifecycle, loader, batcher, tracer, recorder, peers, workers, predictions, state, ops, peer
    )
    return app


def _flask(name: str, blueprints: Iterable[Blueprint]) -> Flask:
    app = Flask(name, static_folder=None)
    app.json = OrjsonProvider(app)
    # Only the routes that are declared: no redirects, and no OPTIONS that Flask adds.
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    for each in blueprints:
        app.register_blueprint(each)
    problem_details.install(app)
    return app
