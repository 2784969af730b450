"""``POST /predict``: images in, classes out."""

import time
from contextlib import ExitStack
from functools import partial

import numpy as np
from flask import Blueprint, Response, g, jsonify, request
from numpy.typing import NDArray

from model.artifact import Card
from service.api import multipart_form, request_body
from service.api.multipart_form import Upload
from service.errors import DeadlineExceeded, NotReady, ServiceError
from service.inference import image_decoding, postprocess
from service.inference.batcher import Batcher
from service.inference.concurrency_limit import ConcurrencyLimit
from service.inference.job import Answer
from service.inference.model_loader import ModelLoader
from service.inference.postprocess import Prediction
from service.inference.prediction_id import PredictionIds
from service.lifecycle import Lifecycle
from service.settings import Settings
from service.telemetry.observation import Classified, Observation

LARGE_BODIES = 8
LARGE_IMAGES = 2
"""How many large bodies and images are in memory at once; others wait. Small ones are not limited."""


def blueprint(
    settings: Settings,
    lifecycle: Lifecycle,
    loader: ModelLoader,
    batcher: Batcher,
    ids: PredictionIds,
) -> Blueprint:
    routes = Blueprint("predict", __name__)
    large_bodies = ConcurrencyLimit("large bodies", LARGE_BODIES)
    large_images = ConcurrencyLimit("large images", LARGE_IMAGES)

    @routes.post("/predict")
    def predict() -> Response:
        artifact = loader.verified
        if artifact is None:
            raise NotReady(f"The server's state is: {lifecycle.state}.")
        batcher.require_room()
        observation: Observation = g.observation
        names, pixels, deadline = _receive(observation)
        answer = _compute(observation, pixels, deadline)
        with observation.stages.stage("encode"):
            card = artifact.card
            predictions = postprocess.from_logits(answer.logits, card.classes)
            issued = [ids.issue(one.label, card.sha256) for one in predictions]
            response = _respond(predictions, issued, names, card, observation.request_id)
        observation.classified = Classified(pixels, answer.logits, predictions, issued, answer.batch, card.version)
        return response

    def _receive(observation: Observation) -> tuple[list[str | None], NDArray[np.uint8], float]:
        """Names of the images, their pixels ``[N, 32, 32, 3]``, and the deadline, counted from the last byte."""
        with ExitStack() as held:
            until = time.monotonic() + settings.deadline_seconds + settings.body_timeout_seconds
            body = request_body.read(
                settings.max_body_bytes,
                settings.body_timeout_seconds,
                on_large=lambda: held.enter_context(large_bodies.hold(until)),
            )
            deadline = time.monotonic() + settings.deadline_seconds
            with observation.stages.stage("decode"):
                files = multipart_form.split(request, body, settings.max_images)
                pictures = [_decode(file, n, len(files), deadline) for n, file in enumerate(files, start=1)]
                pixels = np.stack([picture.pixels for picture in pictures])
                if time.monotonic() >= deadline:
                    raise DeadlineExceeded("Decoding the images took until the deadline.")
        observation.sizes = [picture.width * picture.height for picture in pictures]
        return [file.filename for file in files], pixels, deadline

    def _decode(file: Upload, number: int, of: int, deadline: float) -> image_decoding.Picture:
        if time.monotonic() >= deadline:
            raise DeadlineExceeded(f"Decoding the images took until the deadline, at image {number} of {of}.")
        try:
            large = partial(large_images.hold, deadline)
            return image_decoding.decode(file.data, max_pixels=settings.max_image_pixels, large=large)
        except ServiceError as error:
            if of == 1:
                raise
            raise type(error)(f"Image {number} of {of} ({file.filename!r}): {error.detail}") from error

    def _compute(observation: Observation, pixels: NDArray[np.uint8], deadline: float) -> Answer:
        stages = observation.stages
        job = batcher.submit(pixels, deadline, origin=observation.span)
        try:
            answer = batcher.wait(job)
        except DeadlineExceeded:
            stages.record("queue", job.submitted, time.monotonic() - job.submitted)
            raise
        woken, batch = time.monotonic(), answer.batch
        stages.record("queue", job.submitted, batch.taken - job.submitted)
        stages.record("batch", batch.taken, batch.started - batch.taken)
        stages.record("inference", batch.started, batch.seconds)
        ended = batch.started + batch.seconds
        stages.record("wake", ended, woken - ended)
        return answer

    return routes


def _respond(
    predictions: list[Prediction], issued: list[str], names: list[str | None], card: Card, request_id: str
) -> Response:
    about = {"model": {"name": card.name, "version": card.version}, "request_id": request_id}
    each = [{**one.fields(), "prediction_id": id_} for one, id_ in zip(predictions, issued, strict=True)]
    if len(each) == 1:
        return jsonify({**each[0], **about})
    named = [{**one, "filename": name} for one, name in zip(each, names, strict=True)]
    return jsonify({"predictions": named, **about})
