"""The images of a request: the ``file`` parts of a multipart form, or the body itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Request
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header
from werkzeug import http

from service.errors import BadRequest, NoImage, TooManyParts

_OTHER_FIELDS = 16
"""Other form fields that are accepted and ignored."""

MAX_FILENAME_LENGTH = 100
"""Characters; longer names are truncated, because names appear in answers and log lines."""

MAX_HEADER_BYTES = 4096
MAX_HEADERS = 8
"""Size of a part's header, and number of headers per part."""


@dataclass(frozen=True)
class Upload:
    """One image file; an image sent as the body has no name."""

    data: bytes
    filename: str | None = None


def split(request: Request, body: bytes, max_images: int) -> list[Upload]:
    """The images in a request's body, in order, at least one.

    Raises :class:`TooManyParts`, :class:`NoImage` or :class:`BadRequest`.
    """
    content_type, options = parse_options_header(request.content_type or "")
    if content_type == "multipart/form-data":
        return _parts(body, options.get("boundary", ""), max_images)
    if not body:
        raise NoImage("The body is empty.")
    return [Upload(body)]


def _parts(body: bytes, boundary: str, max_images: int) -> list[Upload]:
    parts: list[tuple[str, Upload]] = []
    for part in _read(body, boundary):
        parts.append(part)
        if len(parts) > max_images + _OTHER_FIELDS:
            raise TooManyParts(f"The form has more than {max_images} images and {_OTHER_FIELDS} other fields.")
    sent = [upload for name, upload in parts if name == "file" and upload.filename is not None]
    uploads = [each for each in sent if each.data or each.filename]  # a browser sends neither if no file was chosen
    if not any(each.data for each in uploads):
        if sent:
            raise NoImage("The form's part 'file' is empty.")
        names = list(dict.fromkeys(name for name, _ in parts))
        if "file" in names:
            raise NoImage("The form's part 'file' is a text field; a file part has a filename.")
        found = ", ".join(repr(name[:40]) for name in names[:5])
        raise NoImage(f"The form has no file part named 'file'; it has {found or 'no parts at all'}.")
    if len(uploads) > max_images:
        raise TooManyParts(f"The form has {len(uploads)} images; at most {max_images} are accepted.")
    return uploads


def _read(body: bytes, boundary: str) -> Iterator[tuple[str, Upload]]:
    """The names and contents of a form's parts."""
    try:
        # Latin-1 decodes any bytes; names are then decoded as UTF-8, which browsers send. Strict parsing refuses
        # folded headers, which take long to unfold.
        parser = PushMultipartParser(
            boundary,
            max_header_size=MAX_HEADER_BYTES,
            max_header_count=MAX_HEADERS,
            header_charset="latin-1",
            strict=True,
        )
        data, segment = b"", None
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                data, segment = b"", event
            elif event:
                data += event
            elif segment:
                yield _utf8(segment.name or ""), Upload(data, _filename(segment))
        parser.close()
    except ParserLimitReached as error:
        raise BadRequest(
            f"A part has more than {MAX_HEADERS} headers, or a header of more than {MAX_HEADER_BYTES} bytes."
        ) from error
    except MultipartError as error:
        raise BadRequest("The body is not a valid multipart form with the boundary in its Content-Type.") from error


def _filename(segment: MultipartSegment) -> str | None:
    name: str | None = segment.filename
    if "filename*" in segment["Content-Disposition"]:  # RFC 7578 forbids it, but some clients send it
        name = http.parse_options_header(segment["Content-Disposition"])[1].get("filename")
    elif name is not None:
        name = _utf8(name)
    return None if name is None else name[:MAX_FILENAME_LENGTH]


def _utf8(name: str) -> str:
    return name if name.isascii() else name.encode("latin-1").decode("utf-8", "replace")
