"""The images of a request: multipart ``file`` parts, or the body itself."""

import io
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from service.errors import BadRequest, NoImage, TooManyParts

_OTHER_FIELDS = 16
"""Form fields beside the images that are tolerated, and ignored."""


@dataclass(frozen=True)
class Upload:
    """One image file as it was sent; raw bodies have no name."""

    data: bytes
    filename: str | None = None


def split(request: Request, body: bytes, max_images: int) -> list[Upload]:
    """The uploads in a request's body, in order, at least one.

    Raises :class:`TooManyParts`, :class:`NoImage` or :class:`BadRequest`.
    """
    if request.mimetype == "multipart/form-data":
        return _parts(request, body, max_images)
    if not body:
        raise NoImage("The body is empty.")
    return [Upload(body)]


def _parts(request: Request, body: bytes, max_images: int) -> list[Upload]:
    parser = FormDataParser(
        stream_factory=lambda *_, **__: io.BytesIO(),  # the body is in memory already: no temporary files
        max_form_memory_size=None,
        max_form_parts=max_images + _OTHER_FIELDS,
        silent=False,
    )
    try:
        _, form, files = parser.parse(io.BytesIO(body), request.mimetype, len(body), request.mimetype_params)
    except RequestEntityTooLarge as error:
        raise TooManyParts(f"The form has more than {max_images} images and {_OTHER_FIELDS} other fields.") from error
    except ValueError as error:
        raise BadRequest("The multipart body cannot be read: it is not what its Content-Type announces.") from error
    sent = [Upload(part.stream.read(), part.filename) for part in files.getlist("file")]
    uploads = [each for each in sent if each.data or each.filename]  # a browser sends neither where none was chosen
    if not any(each.data for each in uploads):
        if sent:
            raise NoImage("The form's part 'file' is empty.")
        found = ", ".join(repr(name[:40]) for name in list(dict.fromkeys([*files, *form]))[:5])
        if "file" in form:
            raise NoImage("The form's part 'file' is a text field: a file needs a filename.")
        raise NoImage(f"The form has no file part named 'file'; it has {found or 'no parts at all'}.")
    if len(uploads) > max_images:
        raise TooManyParts(f"The form has {len(uploads)} images; at most {max_images} are accepted.")
    return uploads
