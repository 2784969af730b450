"""The factory: the only place where the parts meet."""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Flask

from model.artifact import Artifact
from model.engines import Engine
from model.labels import CLASSES
from service import problems
from service.batching import Batcher
from service.encoding import Provider, encode
from service.endpoints import counted, feedback, health, info, metrics, predict
from service.feedback import PredictionIds
from service.jobs import Batch
from service.lifecycle import Lifecycle
from service.loading import Loader
from service.settings import LAST_RECORDS_SECONDS, Settings
from service.siblings import Siblings
from service.slots import Slot
from service.telemetry import access, bounded, environment, requests
from service.telemetry.metrics.catalogue import Metrics
from service.telemetry.recorder import Recorder
from service.telemetry.tracing import Tracing
from service.telemetry.tracing import enabled as tracing_enabled

log = logging.getLogger("cifar10")

SCRAPE_PATIENCE_SECONDS = 1.0
"""How long a scrape waits for what is being recorded; after that it shows what there is."""


@dataclass(frozen=True)
class Predictor:
    """The parts of one server; ``app.extensions["predictor"]``."""

    settings: Settings
    lifecycle: Lifecycle
    loader: Loader
    batcher: Batcher
    metrics: Metrics
    tracing: Tracing
    recorder: Recorder
    siblings: Siblings
    ops: Flask
    """For probes and Prometheus."""
    inside: Flask
    """For the other workers."""

    def join(self, slots: Sequence[Slot], own: Slot, on_change: Callable[[], object]) -> None:
        """Become one of several workers, in a slot of its own; before :meth:`start`.

        ``on_change`` is told whenever the lifecycle has changed.
        """
        self.siblings.join(slots, own)
        self.metrics.all_workers.inherit()

        def announce() -> None:
            self.siblings.announce(encode(self.lifecycle.report()))
            on_change()

        self.lifecycle.on_change = announce
        announce()

    def start(self) -> threading.Thread:
        """Start the threads that compute and record, and the one that loads the model, which is returned."""
        self.batcher.start()
        self.recorder.start()
        loading = threading.Thread(target=self.loader.run, args=[self._publish], name="loader", daemon=True)
        loading.start()
        return loading

    def stop(self) -> None:
        """Finish what is queued, then record and send the rest; for the end, when no request comes any more."""
        self.lifecycle.drain()
        self.batcher.close(self.settings.deadline_seconds)
        self.record()
        self.tracing.shutdown()
        self.metrics.all_workers.own()  # for whoever comes after this worker

    def record(self) -> None:
        """Record what has been answered, for :data:`LAST_RECORDS_SECONDS` at most, and from now on at once."""
        bounded.run(self.recorder.stop, LAST_RECORDS_SECONDS, "last records")

    def _publish(self, artifact: Artifact, engine: Engine, seconds: float) -> None:
        self.metrics.lifecycle.loaded(artifact, engine, seconds)
        self.metrics.predictions.loaded(artifact.card.reference)


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Flask:
    """Build the API; nothing runs before ``app.extensions["predictor"].start()``.

    Settings come from the environment unless given; an engine given here is used instead of the settings' one.
    """
    settings = settings or Settings.from_env(os.environ)
    lifecycle = Lifecycle()
    loader = Loader(settings, lifecycle, engine)
    batcher = Batcher(loader.predict, capacity=settings.queue_capacity, max_batch=settings.max_batch)
    siblings = Siblings()
    measured = Metrics(CLASSES, lifecycle, batcher, siblings, settings.revision)
    tracing = _tracing(measured)
    batcher.on_batch = _watcher(measured, tracing)
    recorder = Recorder([*measured.watchers, tracing.record, access.write], measured.losses.requests_unrecorded)
    measured.before_scrape = partial(recorder.flush, SCRAPE_PATIENCE_SECONDS)
    ids = PredictionIds(settings.feedback_key, settings.feedback_max_age_days)

    operations = [health.blueprint(lifecycle, batcher, siblings), metrics.blueprint(measured)]
    ops = _flask("service.ops", operations)
    of_this_one = [health.blueprint(lifecycle, batcher, Siblings()), counted.blueprint(measured.all_workers)]
    inside = _flask("service.inside", of_this_one)
    app = _flask(
        "service",
        [
            *operations,
            info.blueprint(loader),
            predict.blueprint(settings, lifecycle, loader, batcher, ids),
            feedback.blueprint(loader, ids, measured.feedback),
        ],
    )
    requests.install(app, measured.http, tracing, recorder, trust_request_start=settings.trust_request_start)
    app.extensions["predictor"] = Predictor(
        settings, lifecycle, loader, batcher, measured, tracing, recorder, siblings, ops, inside
    )
    return app


def _tracing(measured: Metrics) -> Tracing:
    for line in environment.mend(os.environ):
        log.warning(line)
    if not tracing_enabled(os.environ):
        return Tracing()
    try:
        from service.telemetry.spans import Spans  # a third of a second, only for those who trace

        return Spans(measured.spans)
    except Exception as error:  # whatever else the environment may ask of the SDK, requests are served without it
        log.warning("tracing is off, since OpenTelemetry cannot start with its OTEL_* variables: %s", error)
        return Tracing()


def _watcher(measured: Metrics, tracing: Tracing) -> Callable[[Batch], object]:
    def watch(batch: Batch) -> object:
        measured.serving.computed(batch)
        return tracing.batch(batch)

    return watch


def _flask(name: str, blueprints: Iterable[Blueprint]) -> Flask:
    app = Flask(name, static_folder=None)
    app.json = Provider(app)
    # Nothing but the routes that are written down: no redirects, no OPTIONS of Flask's making.
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    for each in blueprints:
        app.register_blueprint(each)
    problems.install(app)
    return app
