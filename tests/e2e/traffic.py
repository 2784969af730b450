"""Requests that the tests send, and checks of the answers."""

import json
import socket
from http.client import HTTPResponse
from typing import Any, NamedTuple

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.server import ROOT

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SAMPLES = {name: (ROOT / "tests" / "samples" / f"{name}.png").read_bytes() for name in CLASSES}
BIRD = SAMPLES["bird"]

Part = tuple[str, tuple[str | None, bytes]]


def parts(*images: bytes) -> list[Part]:
    """The ``files=`` of a request with several images."""
    return [("file", (f"{number}.png", image)) for number, image in enumerate(images, start=1)]


def post(body: bytes = BIRD, *headers: str) -> bytes:
    """A whole request to /predict as it goes over the wire; ``headers`` take the place of Content-Length."""
    lines = ["POST /predict HTTP/1.1", "Host: test", *(headers or [f"Content-Length: {len(body)}"])]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def answer(connection: socket.socket) -> Answer:
    """Read one answer from a bare connection."""
    with HTTPResponse(connection) as response:
        response.begin()
        return Answer(response.status, dict(response.headers), response.read())


def problem(response: requests.Response) -> dict[str, Any]:
    """The problem details of a refusal, checked for what each of them has."""
    found: dict[str, Any] = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert found["status"] == response.status_code
    assert found["type"] == f"urn:cifar10:error:{found['code']}"
    assert found["request_id"] == response.headers["X-Request-Id"]
    assert found["title"]
    assert found["detail"]
    assert found["hint"]
    return found


def assert_refused(response: requests.Response, status: int, code: str) -> str:
    """Assert a refusal; the detail it gives."""
    found = problem(response)
    assert (found["status"], found["code"]) == (status, code)
    return str(found["detail"])


def samples(text: str) -> dict[str, float]:
    """The value of each series of a scrape; labels as JSON."""
    return {
        sample.name + json.dumps(sample.labels, sort_keys=True): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
