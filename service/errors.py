"""Every error response of the service: one class per reason, with its HTTP status, stable code and hint.

The code is also the label of ``cifar10_requests_refused_total``, so these classes bound the label's values.
"""

from collections.abc import Mapping
from typing import ClassVar

from model.labels import CLASSES

MAX_DETAIL_LENGTH = 500
"""Characters; a detail may quote what a client sent, and is logged."""


class ServiceError(Exception):
    """An error response. ``detail`` describes this occurrence; ``hint`` overrides the class's hint.

    ``members`` are additional members of the problem document.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    hint: str = "Retry once. If it happens again, search the server's log for the request id."

    def __init__(
        self,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, int] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail if len(detail) <= MAX_DETAIL_LENGTH else f"{detail[:MAX_DETAIL_LENGTH]}…"
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        self.hint = hint or type(self).hint


class BadRequest(ServiceError):
    status = 400
    code = "bad_request"
    title = "Bad request"
    hint = "Send multipart/form-data with a `file` part, or the image as the body."


class MalformedRequest(ServiceError):
    status = 400
    code = "malformed_request"
    title = "Not a valid HTTP request"
    hint = "Send HTTP/1.1 as defined by RFC 9112; curl -v shows the request."


class NoImage(ServiceError):
    status = 400
    code = "no_image"
    title = "No image"
    hint = "Try: curl -F file=@image.png http://HOST/predict"


class UnknownLabel(ServiceError):
    status = 400
    code = "unknown_label"
    title = "Unknown label"
    hint = f"Send one of {', '.join(CLASSES)}."


class BadPredictionId(ServiceError):
    status = 400
    code = "bad_prediction_id"
    title = "Invalid prediction id"
    hint = (
        "Send a prediction_id from an answer of POST /predict that is not older than PREDICTOR_FEEDBACK_MAX_AGE_DAYS."
    )


class NotFound(ServiceError):
    status = 404
    code = "not_found"
    title = "Not found"
    hint = "Send images to POST /predict; docs/api.md lists all endpoints."


class MethodNotAllowed(ServiceError):
    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    hint = "Use one of the methods in the Allow header."


class BodyTimeout(ServiceError):
    status = 408
    code = "body_timeout"
    title = "Body not received in time"
    hint = "Send the request faster, or raise PREDICTOR_BODY_TIMEOUT_SECONDS."


class OtherModel(ServiceError):
    status = 409
    code = "other_model"
    title = "Prediction of another model"
    hint = "Discard this feedback: it must refer to the model that is loaded, which GET /model describes."


class BodyTooLarge(ServiceError):
    status = 413
    code = "body_too_large"
    title = "Body too large"
    hint = "Send smaller images, or raise PREDICTOR_MAX_BODY_BYTES. The model uses 32x32 pixels."


class TooManyParts(ServiceError):
    status = 413
    code = "too_many_parts"
    title = "Too many parts"
    hint = "Send fewer images per request, or raise PREDICTOR_MAX_IMAGES."


class TooManyPixels(ServiceError):
    status = 413
    code = "too_many_pixels"
    title = "Image too large"
    hint = "Scale the image down, or raise PREDICTOR_MAX_IMAGE_PIXELS. The model uses 32x32 pixels."


class UriTooLong(ServiceError):
    status = 414
    code = "uri_too_long"
    title = "URI too long"
    hint = "Send images in the body of POST /predict, not in the URI."


class UnsupportedFormat(ServiceError):
    status = 415
    code = "unsupported_format"
    title = "Unsupported image format"
    hint = "Send a PNG, JPEG, WebP, BMP or GIF image."


class UndecodableImage(ServiceError):
    status = 422
    code = "undecodable_image"
    title = "Image cannot be decoded"
    hint = "The file is damaged or incomplete. Check that an image viewer opens it."


class QueueFull(ServiceError):
    status = 429
    code = "queue_full"
    title = "Too many requests"
    hint = "Retry after the time in Retry-After. If this persists, add replicas."


class HeaderTooLarge(ServiceError):
    status = 431
    code = "header_too_large"
    title = "Headers too large"
    hint = "Send fewer or shorter headers. Large cookies are a common cause."


class NotReady(ServiceError):
    status = 503
    code = "not_ready"
    title = "Not ready"
    hint = "Retry in a few seconds. GET /readyz shows which check fails."


class Draining(ServiceError):
    status = 503
    code = "draining"
    title = "Shutting down"
    hint = "Retry; another replica will answer."


class DeadlineExceeded(ServiceError):
    status = 504
    code = "deadline_exceeded"
    title = "Deadline exceeded"
    hint = "Retry with backoff. If this persists, add replicas or raise PREDICTOR_DEADLINE_SECONDS."


ERRORS: tuple[type[ServiceError], ...] = (ServiceError, *ServiceError.__subclasses__())
"""All errors, for the metric's label and the table in docs/api.md."""
