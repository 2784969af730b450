import pytest
from flask import Request

from service.api import multipart_form
from service.api.multipart_form import MAX_FILENAME_LENGTH, MAX_HEADER_BYTES, MAX_HEADERS, Upload
from service.errors import BadRequest, NoImage, TooManyParts
from tests.service.messages import request


def form(*parts: tuple[str, str | None, bytes]) -> Request:
    body = b""
    for name, filename, data in parts:
        about = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
        body += f"--cut\r\nContent-Disposition: {about}\r\n\r\n".encode() + data + b"\r\n"
    return request(body + b"--cut--\r\n", "multipart/form-data; boundary=cut")


def raw_part(disposition: bytes) -> Request:
    body = b"--cut\r\nContent-Disposition: " + disposition + b"\r\n\r\nA\r\n--cut--\r\n"
    return request(body, "multipart/form-data; boundary=cut")


def split(given: Request, max_images: int = 4) -> list[Upload]:
    return multipart_form.split(given, given.environ["wsgi.input"].read(), max_images)


@pytest.mark.parametrize("content_type", ["", "image/png", "application/x-www-form-urlencoded", "nonsense"])
def test_a_raw_body_is_one_image_with_any_content_type(content_type: str) -> None:
    assert split(request(b"bytes", content_type)) == [Upload(b"bytes")]


def test_file_parts_are_returned_in_order_with_their_names() -> None:
    found = split(form(("file", "a.png", b"A"), ("note", None, b"hello"), ("file", "b.png", b"B")))
    assert found == [Upload(b"A", "a.png"), Upload(b"B", "b.png")]


def test_an_empty_body_is_no_image() -> None:
    with pytest.raises(NoImage):
        split(request(b""))


def test_a_form_in_which_no_file_was_chosen_has_no_image() -> None:
    with pytest.raises(NoImage, match="is empty"):
        split(form(("file", "", b"")))
    with pytest.raises(NoImage, match="is empty"):
        split(form(("file", "empty.png", b"")))


def test_a_second_field_in_which_no_file_was_chosen_is_ignored() -> None:
    assert split(form(("file", "a.png", b"A"), ("file", "", b""))) == [Upload(b"A", "a.png")]


def test_a_form_without_a_file_part_is_answered_with_the_names_of_its_parts() -> None:
    with pytest.raises(NoImage, match="it has 'image', 'note'"):
        split(form(("image", "a.png", b"A"), ("note", None, b"hello")))


def test_too_many_images_are_refused() -> None:
    with pytest.raises(TooManyParts, match="5 images; at most 4"):
        split(form(*[("file", "a.png", b"A")] * 5))


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(TooManyParts):
        split(form(*[("x", None, b"1")] * 5_000))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--cut\r\n\r\n", "multipart/form-data"),
        (b"not a form at all", "multipart/form-data; boundary=cut"),
        (
            b"--cut\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nab",
            "multipart/form-data; boundary=cut",
        ),
    ],
)
def test_a_malformed_form_is_a_bad_request_or_has_no_image(body: bytes, content_type: str) -> None:
    with pytest.raises((BadRequest, NoImage)):
        split(request(body, content_type))


def test_a_long_filename_is_truncated() -> None:
    assert split(form(("file", "f" * 1000, b"A"))) == [Upload(b"A", "f" * MAX_FILENAME_LENGTH)]


@pytest.mark.parametrize("image", [b"\r\n" * 200_000, b"\r\n--cu" * 50_000, b"x" * 300_000, b""])
def test_a_file_is_not_changed(image: bytes) -> None:
    assert split(form(("file", "a.png", image), ("file", "b.png", b"B"))) == [
        Upload(image, "a.png"),
        Upload(b"B", "b.png"),
    ]


@pytest.mark.parametrize("before", [0, 60_000, 70_000, 500_000])
def test_a_part_with_a_long_header_is_refused(before: int) -> None:
    for name in ("f" * 500_000, "f" * MAX_HEADER_BYTES, '\\"' * 100_000):
        with pytest.raises(BadRequest, match=f"a header of more than {MAX_HEADER_BYTES} bytes"):
            split(form(("note", None, b"x" * before), ("file", name, b"A")))


def test_a_part_with_many_headers_is_refused() -> None:
    with pytest.raises(BadRequest, match=f"more than {MAX_HEADERS} headers"):
        split(raw_part(b'form-data; name="file"; filename="a"' + b"\r\nX-More: 1" * MAX_HEADERS))


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="file"; filename="größe.png"'.encode(), "größe.png"),
        (b'form-data; name="file"; filename="gr\xf6\xdfe.png"', "gr��e.png"),
        (b"form-data; name=\"file\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png", "größe.png"),
        (b'form-data; name="file"; filename="gr.png"; filename*=UTF-8\'\'gr%C3%B6%C3%9Fe.png', "größe.png"),
        (b"form-data; name=file; filename=a.png", "a.png"),
        (b'form-data; filename="a.png"; name="file"', "a.png"),
        (b'form-data; name="file"; filename="a %22b%22.png"', 'a "b".png'),
        (b'form-data; name="file"; filename="a \\"b\\".png"', 'a "b".png'),
    ],
)
def test_a_filename_is_decoded_in_every_form_that_clients_send(disposition: bytes, name: str) -> None:
    assert split(raw_part(disposition)) == [Upload(b"A", name)]


DISPOSITION = b'Content-Disposition: form-data; name="file"; filename="a"'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"--cut\n" + DISPOSITION + b"\n\nA\n--cut--\n", id="lines that end without CR"),
        pytest.param(b"--cut\r\nX: a\r\n b\r\n" + DISPOSITION + b"\r\n\r\nA\r\n--cut--\r\n", id="a folded header"),
        pytest.param(b"--cut \r\n" + DISPOSITION + b"\r\n\r\nA\r\n--cut--\r\n", id="a space after the boundary"),
        pytest.param(b"--cut\r\n" + DISPOSITION + b"\r\n\r\nA\r\n--cutter\r\n--cut--\r\n", id="a boundary in the data"),
        pytest.param(
            b"--cut\r\nContent-Length: 2\r\n" + DISPOSITION + b"\r\n\r\nA\r\n--cut--\r\n", id="a wrong length"
        ),
        pytest.param(b"--cut\r\nContent-Type: image/png\r\n\r\nA\r\n--cut--\r\n", id="a part without a name"),
        pytest.param(b"--cut\r\n" + DISPOSITION + b"\r\n\r\nA\r\n", id="no end"),
    ],
)
def test_forms_that_violate_the_standard_are_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="not a valid multipart form"):
        split(request(body, "multipart/form-data; boundary=cut"))


def test_preamble_and_epilogue_are_ignored() -> None:
    body = b"before\r\n--cut\r\n" + DISPOSITION + b"\r\n\r\nA\r\n--cut--\r\nafter"
    assert split(request(body, 'multipart/form-data; boundary="cut"')) == [Upload(b"A", "a")]


def test_a_text_field_named_file_is_answered_with_the_reason() -> None:
    with pytest.raises(NoImage, match="a file part has a filename"):
        split(form(("file", None, b"x" * 300_000)))
