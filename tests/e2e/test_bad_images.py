import io

import pytest
import requests
from PIL import Image

from tests.e2e.server import Server
from tests.e2e.traffic import BIRD, assert_refused, parts


def converted(kind: str) -> bytes:
    with io.BytesIO() as file, Image.open(io.BytesIO(BIRD)) as image:
        image.resize((128, 128)).save(file, kind)
        return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_a_truncated_image_is_refused(sturdy: Server, kind: str) -> None:
    image = converted(kind)
    assert_refused(sturdy.predict(image[: len(image) // 2]), 422, "undecodable_image")


def test_a_text_called_an_image_is_refused(sturdy: Server) -> None:
    response = requests.post(sturdy.url(), files={"file": ("bird.png", b"I am a bird")}, timeout=30)
    assert_refused(response, 415, "unsupported_format")


def test_a_format_outside_the_list_is_refused(sturdy: Server) -> None:
    assert_refused(sturdy.predict(converted("TIFF")), 415, "unsupported_format")


def test_an_empty_body_is_refused(sturdy: Server) -> None:
    assert_refused(sturdy.predict(b""), 400, "no_image")


def test_an_empty_file_is_refused(sturdy: Server) -> None:
    response = requests.post(sturdy.url(), files={"file": ("bird.png", b"")}, timeout=30)
    assert_refused(response, 400, "no_image")


def test_a_form_without_a_file_is_refused_and_its_parts_are_named(sturdy: Server) -> None:
    response = requests.post(sturdy.url(), files={"picture": ("bird.png", BIRD)}, timeout=30)
    assert "'picture'" in assert_refused(response, 400, "no_image")


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_file_sent_as_a_text_field_is_refused_as_such(sturdy: Server, size: int) -> None:
    # What curl does with -F "file=<bird.png", which has < where @ was meant.
    response = requests.post(sturdy.url(), files={"file": (None, b"x" * size)}, timeout=30)
    assert "filename" in assert_refused(response, 400, "no_image")


def test_a_bad_image_among_good_ones_is_named(sturdy: Server) -> None:
    response = requests.post(sturdy.url(), files=parts(BIRD, BIRD[:200], BIRD), timeout=30)
    assert "Image 2 of 3 ('2.png')" in assert_refused(response, 422, "undecodable_image")


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other", "multipart/;;="],
)
def test_a_form_that_cannot_be_parsed_is_refused(sturdy: Server, content_type: str) -> None:
    response = sturdy.predict(b"--x\r\n\r\n--x--\r\n", **{"Content-Type": content_type})
    assert response.status_code in (400, 415)
    assert_refused(response, response.status_code, response.json()["code"])


@pytest.mark.parametrize("content_type", ["", "\x7f;;;=", "text/plain; charset=nonsense", "a" * 1000])
def test_the_content_type_of_a_bare_image_does_not_matter(sturdy: Server, content_type: str) -> None:
    assert sturdy.predict(BIRD, **{"Content-Type": content_type}).status_code in (200, 400)
