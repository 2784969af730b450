"""What happens between start and ready: verify the artifact, build the engine, warm it up, test it on known images."""

import gc
import logging
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from model import engines
from model.artifact import Artifact, ArtifactError
from model.engines.cpu import available_cpus
from model.engines.golden import check
from model.labels import CLASSES
from service.errors import NotReady
from service.images import SIZE
from service.lifecycle import Lifecycle
from service.settings import Settings

Loaded = Callable[[Artifact, engines.Engine, float], None]
"""Told of the artifact, its engine, and the seconds it took to load them."""

log = logging.getLogger("cifar10")

WARM_UP_ROUNDS = 3


class SelfTestError(Exception):
    """The engine does not give the recorded answers."""


class Loader:
    """Loads the model once and holds it; the lifecycle tells how far it came."""

    def __init__(self, settings: Settings, lifecycle: Lifecycle, engine: engines.Engine | None = None) -> None:
        self.artifact: Artifact | None = None
        self.engine = engine
        self._settings = settings
        self._lifecycle = lifecycle
        self._started = time.monotonic()

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of images ``[N, 32, 32, 3]``."""
        if self.engine is None:
            raise NotReady("The model is not loaded.")
        return self.engine.predict(images)

    def run(self, on_loaded: Loaded) -> None:
        """Load, then become ready; or record in the lifecycle which check failed and why. Never raises."""
        steps = {"weights": lambda: self._load(on_loaded), "warm_up": self._warm_up, "golden_images": self._self_test}
        for name, step in steps.items():
            try:
                detail = step()
            except (ArtifactError, SelfTestError) as error:
                self._fail(name, str(error))
                return
            except Exception as error:
                log.exception("start-up failed")
                self._fail(name, f"{type(error).__name__}: {error}")
                return
            self._lifecycle.passed(name, detail)
        gc.freeze()  # all this stays: looking through it again takes every full collection 0.1 s and more
        self._lifecycle.serve()
        if self._lifecycle.ready:
            log.info("ready in %.1f s", time.monotonic() - self._started)

    def _load(self, on_loaded: Loaded) -> str:
        settings, started = self._settings, time.monotonic()
        artifact = Artifact.open(settings.model_dir)
        card = artifact.card
        if card.classes != CLASSES or card.size != SIZE:
            raise ArtifactError(
                f"{settings.model_dir} is a model of other classes, or of images that are not {SIZE}x{SIZE}"
            )
        accuracy = "not tested" if card.accuracy is None else f"{card.accuracy:.2%} right on the test split"
        log.info("model: %s %s, %s, weights sha256 %s", card.name, card.version, accuracy, card.sha256[:12])
        engine = self.engine or engines.load(
            settings.engine, artifact, precision=settings.precision, threads=settings.engine_threads
        )
        cpus = available_cpus()
        log.info("engine: %s, %s, threads: %d for %.2g CPUs", engine.name, engine.precision, engine.threads, cpus)
        self.artifact, self.engine = artifact, engine
        on_loaded(artifact, engine, time.monotonic() - started)
        return f"sha256 {card.sha256[:12]} is the card's"

    def _warm_up(self) -> str:
        """Run the smallest and the largest batch until their buffers and kernels are made."""
        self._lifecycle.warming()
        milliseconds = {}
        for size in (1, self._settings.max_batch):
            images = np.zeros((size, SIZE, SIZE, 3), np.uint8)
            for _ in range(WARM_UP_ROUNDS):
                started = time.perf_counter()
                self.predict(images)
                milliseconds[size] = 1000 * (time.perf_counter() - started)
        detail = ", ".join(f"batch of {size} in {spent:.1f} ms" for size, spent in milliseconds.items())
        log.info("warm-up: %s", detail)
        return detail

    def _self_test(self) -> str:
        assert self.artifact is not None
        assert self.engine is not None
        tolerance = self.artifact.card.tolerances.get(self.engine.precision)
        if tolerance is None:
            raise SelfTestError(f"the model's card has no tolerance for {self.engine.precision}")
        result = check(self.engine, self.artifact.golden(), tolerance)
        if not result.passed:
            raise SelfTestError(result.detail)
        log.info("self-test: %s", result.detail)
        return result.detail

    def _fail(self, name: str, reason: str) -> None:
        self._lifecycle.failed(name, reason)
        log.error("not ready, and will not be: %s: %s", name, reason)
