"""Everything the service refuses, one class a reason: its HTTP status, its stable code and what to do about it.

The code is what clients match on and what metrics are labelled with, so the label's values are these classes.
"""

from collections.abc import Mapping
from typing import ClassVar

from model.labels import CLASSES

LONGEST_DETAIL = 500
"""Characters; a detail may quote what a client sent, and is written to the log."""


class ServiceError(Exception):
    """A refusal; ``detail`` says what was wrong with this very request, ``hint`` can be one for its endpoint.

    ``members`` are more of the problem, for a program to read.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    hint: str = "Retry once; if it happens again, look for the request id in the server's log."

    def __init__(
        self,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, int] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail if len(detail) <= LONGEST_DETAIL else f"{detail[:LONGEST_DETAIL]}…"
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        self.hint = hint or type(self).hint


class BadRequest(ServiceError):
    status = 400
    code = "bad_request"
    title = "Bad request"
    hint = "Send multipart/form-data with a `file` part, or the image itself as the body."


class MalformedRequest(ServiceError):
    status = 400
    code = "malformed_request"
    title = "Not a valid HTTP request"
    hint = "Send HTTP/1.1 as RFC 9112 has it; curl -v shows what goes over the wire."


class NoImage(ServiceError):
    status = 400
    code = "no_image"
    title = "No image"
    hint = "Try: curl -F file=@image.png http://HOST/predict, or curl --data-binary @image.png http://HOST/predict"


class UnknownLabel(ServiceError):
    status = 400
    code = "unknown_label"
    title = "Not a class"
    hint = f"Send one of {', '.join(CLASSES)}."


class BadPredictionId(ServiceError):
    status = 400
    code = "bad_prediction_id"
    title = "Not a valid prediction id"
    hint = "Send a prediction_id as POST /predict answered it, before PREDICTOR_FEEDBACK_MAX_AGE_DAYS have passed."


class NotFound(ServiceError):
    status = 404
    code = "not_found"
    title = "Not found"
    hint = "Classify with POST /predict; see the README for the other paths."


class MethodNotAllowed(ServiceError):
    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    hint = "Use one of the methods in the Allow header."


class BodyTimeout(ServiceError):
    status = 408
    code = "body_timeout"
    title = "Body not received in time"
    hint = "Send the whole body without pausing, or raise PREDICTOR_BODY_TIMEOUT_SECONDS."


class OtherModel(ServiceError):
    status = 409
    code = "other_model"
    title = "Predicted by another model"
    hint = "Drop it: feedback counts for the model that is loaded now; GET /model names that one."


class BodyTooLarge(ServiceError):
    status = 413
    code = "body_too_large"
    title = "Body too large"
    hint = "Send smaller images, or raise PREDICTOR_MAX_BODY_BYTES; the network sees 32x32 pixels anyway."


class TooManyParts(ServiceError):
    status = 413
    code = "too_many_parts"
    title = "Too many parts"
    hint = "Split the images over several requests, or raise PREDICTOR_MAX_IMAGES."


class TooManyPixels(ServiceError):
    status = 413
    code = "too_many_pixels"
    title = "Image too large"
    hint = "Scale the image down, or raise PREDICTOR_MAX_IMAGE_PIXELS; the network sees 32x32 pixels anyway."


class UriTooLong(ServiceError):
    status = 414
    code = "uri_too_long"
    title = "Address too long"
    hint = "Send images in the body of POST /predict, not in its address."


class UnsupportedFormat(ServiceError):
    status = 415
    code = "unsupported_format"
    title = "Not an accepted image format"
    hint = "Send a PNG, JPEG, WebP, BMP or GIF image."


class UndecodableImage(ServiceError):
    status = 422
    code = "undecodable_image"
    title = "Image cannot be decoded"
    hint = "The file is damaged or incomplete: open it in a viewer, then send it again."


class QueueFull(ServiceError):
    status = 429
    code = "queue_full"
    title = "Too many requests"
    hint = "Retry after the seconds in Retry-After; if it lasts, add replicas."


class HeaderTooLarge(ServiceError):
    status = 431
    code = "header_too_large"
    title = "Headers too large"
    hint = "Send fewer or shorter headers; cookies of other sites on the same host are often the reason."


class NotReady(ServiceError):
    status = 503
    code = "not_ready"
    title = "Not ready"
    hint = "GET /readyz names the check that fails; retry in a few seconds."


class Draining(ServiceError):
    status = 503
    code = "draining"
    title = "Shutting down"
    hint = "Retry: another replica answers."


class DeadlineExceeded(ServiceError):
    status = 504
    code = "deadline_exceeded"
    title = "Deadline exceeded"
    hint = "Retry with backoff; if it lasts, add replicas or raise PREDICTOR_DEADLINE_SECONDS."


ERRORS: tuple[type[ServiceError], ...] = (ServiceError, *ServiceError.__subclasses__())
"""All of them, for the table in the README and the metric's children."""
