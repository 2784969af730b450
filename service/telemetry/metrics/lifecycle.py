"""The server's state, its queue, and the model that is loaded."""

from functools import partial

from prometheus_client import CollectorRegistry, Gauge

from model.artifact import Artifact
from model.engines import Engine
from service.inference.batcher import Batcher
from service.lifecycle import Lifecycle, State

MODEL_INFO_LABELS = ("model_name", "model_version", "weights_digest", "engine", "precision")


class LifecycleMetrics:
    """State, readiness and its checks, the queue, and the loaded model."""

    def __init__(self, registry: CollectorRegistry, lifecycle: Lifecycle, batcher: Batcher) -> None:
        gauge = partial(Gauge, registry=registry)
        gauge("cifar10_ready", "1 if /readyz answers 200, else 0.").set_function(lambda: lifecycle.ready)
        state = gauge("cifar10_lifecycle_state", "1 for the current state, 0 for the others.", ["state"])
        for each in State:
            state.labels(each).set_function(lambda each=each: lifecycle.state is each)  # type: ignore[misc]
        checks = gauge("cifar10_readiness_check", "1 if the check of /readyz passes, else 0.", ["check"])
        for name in lifecycle.checks():
            checks.labels(name).set_function(lambda name=name: lifecycle.checks()[name].passed)  # type: ignore[misc]
        gauge("cifar10_queue_depth", "Images in the queue.").set_function(lambda: batcher.depth)
        gauge("cifar10_queue_capacity", "Maximum images in the queue.").set(batcher.capacity)
        self._info = gauge("cifar10_model_info", "The loaded model; always 1.", MODEL_INFO_LABELS)
        self._loaded = gauge("cifar10_model_loaded_timestamp_seconds", "Unix time at which the model was loaded.")
        self._load_seconds = gauge("cifar10_model_load_duration_seconds", "Time for loading the model.")
        self._threads = gauge("cifar10_engine_threads", "Threads of the inference engine.")

    def loaded(self, artifact: Artifact, engine: Engine, seconds: float) -> None:
        """Publish the loaded model; the digest is :attr:`Card.digest`."""
        self._load_seconds.set(seconds)
        card = artifact.card
        self._info.labels(card.name, card.version, card.digest, engine.name, engine.precision).set(1)
        self._loaded.set_to_current_time()
        self._threads.set(engine.threads)
