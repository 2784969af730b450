"""``POST /predict``: images in, classes out."""

import time
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
from flask import Blueprint, Response, g, jsonify, request
from numpy.typing import NDArray

from model.artifact import Card
from service import images, predictions, uploads
from service.batching import Batcher
from service.errors import DeadlineExceeded, NotReady, ServiceError
from service.feedback import PredictionIds
from service.gate import Gate
from service.lifecycle import Lifecycle
from service.loading import Loader
from service.predictions import Prediction
from service.settings import Settings
from service.telemetry import receiving
from service.telemetry.observation import Classified, Observation
from service.uploads import Upload

LARGE_BODIES = 8
LARGE_IMAGES = 2
"""Of each, so many are held in memory at once; the others wait. Small ones are not counted."""


def blueprint(
    settings: Settings,
    lifecycle: Lifecycle,
    loader: Loader,
    batcher: Batcher,
    ids: PredictionIds,
) -> Blueprint:
    routes = Blueprint("predict", __name__)
    large_bodies = Gate("large bodies", LARGE_BODIES)
    large_images = Gate("large images", LARGE_IMAGES)

    @routes.post("/predict")
    def predict() -> Response:
        artifact = loader.artifact
        if artifact is None or not lifecycle.accepting:
            raise NotReady(f"The server's state is: {lifecycle.state}.")
        batcher.require_room()
        seen: Observation = g.observation
        names, pixels, deadline = _receive(seen)
        job = batcher.submit(pixels, deadline, origin=seen.span)
        try:
            answer = batcher.wait(job)
        except DeadlineExceeded:
            seen.stages.record("queue", job.submitted, time.monotonic() - job.submitted)
            raise
        woken, batch = time.monotonic(), answer.batch
        seen.stages.record("queue", answer.submitted, batch.taken - answer.submitted)
        seen.stages.record("batch", batch.taken, batch.started - batch.taken)
        seen.stages.record("inference", batch.started, batch.seconds)
        seen.stages.record("wake", batch.ended, woken - batch.ended)
        with seen.stages.stage("encode", since=woken):
            card = artifact.card
            found = predictions.from_logits(answer.logits, card.classes)
            issued = [ids.issue(one.label, card.sha256) for one in found]
            response = _answer(found, issued, names, card, seen.request_id)
        seen.classified = Classified(pixels, answer.logits, found, issued, batch, card.version)
        return response

    def _receive(seen: Observation) -> tuple[list[str | None], NDArray[np.uint8], float]:
        """Names of the images, their pixels ``[N, 32, 32, 3]``, and the deadline, which counts from the last byte."""
        with ExitStack() as held:
            turn = time.monotonic() + settings.deadline_seconds + settings.body_timeout_seconds
            body = receiving.body(settings.max_body_bytes, lambda: held.enter_context(large_bodies.hold(turn)))
            deadline = time.monotonic() + settings.deadline_seconds
            with seen.stages.stage("decode"):
                files = uploads.split(request, body, settings.max_images)
                pictures = [_decode(file, n, len(files), deadline) for n, file in enumerate(files, start=1)]
                pixels = _stacked([picture.pixels for picture in pictures])
                if time.monotonic() >= deadline:
                    raise DeadlineExceeded("Decoding the images took until the deadline.")
        seen.sizes = [picture.width * picture.height for picture in pictures]
        return [file.filename for file in files], pixels, deadline

    def _decode(file: Upload, number: int, of: int, deadline: float) -> images.Picture:
        if time.monotonic() >= deadline:
            raise DeadlineExceeded(f"Decoding took until the deadline, at image {number} of {of}.")
        try:
            return images.decode(file.data, max_pixels=settings.max_image_pixels, large=large_images.hold(deadline))
        except ServiceError as error:
            if of == 1:
                raise
            raise type(error)(f"Image {number} of {of} ({file.filename!r}): {error.detail}") from error

    def _answer(
        found: list[Prediction], issued: list[str], names: list[str | None], card: Card, request_id: str
    ) -> Response:
        about = {"model": {"name": card.name, "version": card.version}, "request_id": request_id}
        each = [{**one.fields(), "prediction_id": id_} for one, id_ in zip(found, issued, strict=True)]
        if len(each) == 1:
            return jsonify({**each[0], **about})
        named = [{**one, "filename": name} for one, name in zip(each, names, strict=True)]
        return jsonify({"predictions": named, **about})

    return routes


def _stacked(arrays: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return arrays[0][np.newaxis] if len(arrays) == 1 else np.stack(arrays)  # mostly it is one, and stack() is slow
