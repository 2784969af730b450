"""What state the server is in and which model it holds."""

from prometheus_client import CollectorRegistry, Gauge

from model.artifact import Artifact
from model.engines import Engine
from service.lifecycle import Lifecycle, State

MODEL_INFO_LABELS = ("model_name", "model_version", "weights_digest", "engine", "precision")


class LifecycleMetrics:
    """State, readiness and its checks, and the loaded model."""

    def __init__(self, registry: CollectorRegistry, lifecycle: Lifecycle) -> None:
        ready = Gauge("cifar10_ready", "1 when /readyz answers 200, else 0.", registry=registry)
        ready.set_function(lambda: lifecycle.ready)
        state = Gauge("cifar10_lifecycle_state", "1 for the current state, 0 for the others.", ["state"],
                      registry=registry)  # fmt: skip
        for each in State:
            state.labels(each).set_function(lambda each=each: lifecycle.state is each)  # type: ignore[misc]
        checks = Gauge("cifar10_readiness_check", "1 for a check of /readyz that passes, else 0.", ["check"],
                       registry=registry)  # fmt: skip
        for name in lifecycle.checks():
            checks.labels(name).set_function(lambda name=name: lifecycle.checks()[name].passed)  # type: ignore[misc]
        self._info = Gauge(
            "cifar10_model_info", "The loaded model; always 1.",
            MODEL_INFO_LABELS, registry=registry,
        )  # fmt: skip
        self._loaded = Gauge(
            "cifar10_model_loaded_timestamp_seconds", "When the model was loaded, since the epoch.", registry=registry
        )
        self._load_seconds = Gauge(
            "cifar10_model_load_duration_seconds", "From reading the artifact to an engine that can compute.",
            registry=registry,
        )  # fmt: skip
        self._threads = Gauge("cifar10_engine_threads", "Threads one batch may keep busy.", registry=registry)

    def loaded(self, artifact: Artifact, engine: Engine, seconds: float) -> None:
        """Publish the loaded model; the digest is the first 12 hex digits of the weights' sha256."""
        self._load_seconds.set(seconds)
        card = artifact.card
        self._info.labels(card.name, card.version, card.sha256[:12], engine.name, engine.precision).set(1)
        self._loaded.set_to_current_time()
        self._threads.set(engine.threads)
