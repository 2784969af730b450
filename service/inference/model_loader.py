"""From start to ready: verify the artifact, load the engine, warm it up and test it on the golden images."""

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
from service.inference.image_decoding import SIZE
from service.lifecycle import Lifecycle
from service.settings import Settings

OnLoaded = Callable[[Artifact, engines.Engine, float], None]
"""Called with the artifact, its engine, and the seconds that loading took."""

log = logging.getLogger("cifar10")

WARM_UP_ROUNDS = 3


class SelfTestError(Exception):
    """The engine's answers differ from the recorded ones."""


class ModelLoader:
    """Loads the model once and holds it; reports its progress to the lifecycle."""

    def __init__(self, settings: Settings, lifecycle: Lifecycle, engine: engines.Engine | None = None) -> None:
        self.artifact: Artifact | None = None
        self.verified: Artifact | None = None
        """The artifact, once all checks have passed."""
        self.engine = engine
        self._settings = settings
        self._lifecycle = lifecycle
        self._started = time.monotonic()

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of images ``[N, 32, 32, 3]``."""
        if self.engine is None:
            raise NotReady("The model is not loaded.")
        return self.engine.predict(images)

    def run(self, on_loaded: OnLoaded) -> None:
        """Load, then become ready, or report which check failed and why. Never raises."""
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
        gc.freeze()  # what is loaded stays, so the garbage collector need not examine it again
        self.verified = self.artifact
        self._lifecycle.serve()
        if self._lifecycle.ready:
            log.info("ready in %.1f s", time.monotonic() - self._started)

    def _load(self, on_loaded: OnLoaded) -> str:
        settings, started = self._settings, time.monotonic()
        artifact = Artifact.open(settings.model_dir)
        card = artifact.card
        if card.classes != CLASSES or card.size != SIZE:
            raise ArtifactError(f"{settings.model_dir} has other classes, or another image size than {SIZE}x{SIZE}")
        accuracy = "not tested" if card.accuracy is None else f"{card.accuracy:.2%} accuracy on the test images"
        log.info("model: %s %s, %s, weights sha256 %s", card.name, card.version, accuracy, card.digest)
        engine = self.engine or engines.load(
            settings.engine, artifact, precision=settings.precision, threads=settings.engine_threads
        )
        cpus = available_cpus()
        log.info("engine: %s, %s, %d threads, %.2g CPUs available", engine.name, engine.precision, engine.threads, cpus)
        self.artifact, self.engine = artifact, engine
        on_loaded(artifact, engine, time.monotonic() - started)
        return f"sha256 {card.digest} matches the model card"

    def _warm_up(self) -> str:
        """Compute the smallest and the largest batch, so that buffers and kernels are allocated."""
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
            raise SelfTestError(f"the model card has no tolerance for the precision {self.engine.precision}")
        result = check(self.engine, self.artifact.golden(), tolerance)
        if not result.passed:
            raise SelfTestError(result.detail)
        log.info("self-test: %s", result.detail)
        return result.detail

    def _fail(self, name: str, reason: str) -> None:
        self._lifecycle.failed(name, reason)
        log.error("the server cannot become ready: check %s failed: %s", name, reason)
