"""The images of a request: multipart ``file`` parts, or the body itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData, State

from service.errors import BadRequest, NoImage, TooManyParts

_OTHER_FIELDS = 16
"""Form fields beside the images that are tolerated, and ignored."""

LONGEST_FILENAME = 100
"""Characters; what is longer is cut, since names go into answers and log lines."""

LONGEST_HEADERS = 4096
"""Bytes of one part's headers; reading them takes a microsecond a byte."""

_CHUNK_BYTES = 1 << 16
"""The decoder takes three times as long to find the end of an image in more at once."""

_BLANK_LINE = re.compile(rb"\r\n\r\n|\r\r|\n\n")


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
    try:
        parts = list(_read(body, request.mimetype_params.get("boundary", ""), max_images + _OTHER_FIELDS))
    except RequestEntityTooLarge as error:
        raise TooManyParts(f"The form has more than {max_images} images and {_OTHER_FIELDS} other fields.") from error
    except ValueError as error:
        raise BadRequest("The multipart body cannot be read: it is not what its Content-Type announces.") from error
    sent = [upload for name, upload in parts if name == "file" and upload.filename is not None]
    uploads = [each for each in sent if each.data or each.filename]  # a browser sends neither where none was chosen
    if not any(each.data for each in uploads):
        if sent:
            raise NoImage("The form's part 'file' is empty.")
        names = list(dict.fromkeys(name for name, _ in parts))
        if "file" in names:
            raise NoImage("The form's part 'file' is a text field: a file needs a filename.")
        found = ", ".join(repr(name[:40]) for name in names[:5])
        raise NoImage(f"The form has no file part named 'file'; it has {found or 'no parts at all'}.")
    if len(uploads) > max_images:
        raise TooManyParts(f"The form has {len(uploads)} images; at most {max_images} are accepted.")
    return uploads


def _read(body: bytes, boundary: str, max_parts: int) -> Iterator[tuple[str, Upload]]:
    """The parts of a form and their names. Werkzeug's own parser would take headers of any length."""
    if not boundary:
        raise ValueError("the Content-Type names no boundary")
    decoder = MultipartDecoder(boundary.encode("ascii"), max_parts=max_parts)
    name, filename, data = "", None, bytearray()
    for start in range(0, len(body), _CHUNK_BYTES):
        decoder.receive_data(body[start : start + _CHUNK_BYTES])
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, File | Field):
                name = event.name or ""
                filename = event.filename[:LONGEST_FILENAME] if isinstance(event, File) else None
                data = bytearray()
            elif isinstance(event, Data):
                data += event.data
                if not event.more_data:
                    yield name, Upload(bytes(data), filename)
            _check_headers(decoder)
        _check_headers(decoder)
    decoder.receive_data(None)
    decoder.next_event()  # raises if that was not all


def _check_headers(decoder: MultipartDecoder) -> None:
    begun = decoder.state is State.PART and len(decoder.buffer) >= LONGEST_HEADERS
    if begun and not _BLANK_LINE.search(decoder.buffer, 0, LONGEST_HEADERS):
        raise BadRequest(f"The headers of a part are longer than {LONGEST_HEADERS} bytes.")
