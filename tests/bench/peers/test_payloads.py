import io

import pytest
from PIL import Image
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.bench.peers.payloads import BOUNDARY, Payload, payloads


def pictures(payload: Payload) -> list[Image.Image]:
    environ = EnvironBuilder(
        method="POST", data=payload.body, content_type=f"multipart/form-data; boundary={BOUNDARY}"
    ).get_environ()
    with Request(environ) as request:
        return [Image.open(io.BytesIO(each.read())) for each in request.files.getlist("file")]


@pytest.mark.parametrize(
    ("name", "form", "size", "number"),
    [("png", "PNG", (32, 32), 1), ("jpeg", "JPEG", (512, 512), 1), ("eight", "PNG", (32, 32), 8)],
)
def test_a_form_holds_the_pictures_that_its_name_says(name: str, form: str, size: tuple[int, int], number: int) -> None:
    payload = payloads()[name]
    assert [(each.format, each.size) for each in pictures(payload)] == [(form, size)] * number
    assert payload.images == number


@pytest.mark.parametrize(("keep", "header"), [(True, b"keep-alive"), (False, b"close")])
def test_a_request_says_whether_the_connection_is_kept_and_how_long_it_is(keep: bool, header: bytes) -> None:
    payload = payloads()["png"]
    head, _, body = payload.request(80, keep=keep).partition(b"\r\n\r\n")
    assert b"\r\nConnection: " + header in head
    assert f"\r\nContent-Length: {len(body)}".encode() in head
    assert body == payload.body
