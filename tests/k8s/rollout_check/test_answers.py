import json
from email.message import Message
from typing import Any

import pytest

from k8s.rollout_check.answers import Judge, Seen
from k8s.rollout_check.connection import Answer
from k8s.rollout_check.outcome import LONGEST, Lost


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Answer(status, message, body if isinstance(body, bytes) else json.dumps(body).encode(), keeps=True)


def prediction(label: str, version: str, **headers: str) -> Answer:
    return answer({"predict": label, "model": {"version": version}}, 200, **headers)


def lost(judge: Judge, found: Answer) -> Lost:
    with pytest.raises(Lost) as error:
        judge.judge("a.png", found)
    return error.value


def test_the_version_and_the_pod_are_read_from_a_response() -> None:
    assert Judge().judge("a.png", prediction("bird", "1.0.0", X_Pod="p")) == Seen("1.0.0", "")
    assert Judge("x-pod").judge("a.png", prediction("bird", "1.0.0", X_Pod="p")) == Seen("1.0.0", "p")


def test_a_version_must_keep_its_class_for_an_image() -> None:
    judge = Judge()
    judge.judge("a.png", prediction("bird", "1.0.0"))
    judge.judge("b.png", prediction("cat", "1.0.0"))
    judge.judge("a.png", prediction("cat", "2.0.0"))
    assert lost(judge, prediction("cat", "1.0.0")).kind == "wrong answer"
    judge.judge("a.png", prediction("bird", "1.0.0"))


def test_images_with_different_classes_by_version_are_reported() -> None:
    judge = Judge()
    for image, label, version in (("a", "bird", "1"), ("b", "cat", "1"), ("a", "bird", "2"), ("b", "dog", "2")):
        judge.judge(image, prediction(label, version))
    assert judge.changes() == ["b is cat in 1, dog in 2"]


@pytest.mark.parametrize(
    "body", [b"", b"\xff", [], {}, {"predict": "bird"}, {"predict": 1, "model": {"version": "1"}}, {"model": []}]
)
def test_a_response_without_a_prediction_is_wrong(body: Any) -> None:
    assert lost(Judge(), answer(body)).kind == "wrong answer"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": "draining"}, "503 draining"),
        ({"code": 7}, "503"),
        ([], "503"),
        (b"<html>", "503"),
        ({"code": "x" * 1000}, ("503 " + "x" * 1000)[:LONGEST]),
    ],
    ids=["problem", "odd", "list", "html", "long"],
)
def test_an_error_response_is_reported_by_status_and_code(body: Any, kind: str) -> None:
    assert lost(Judge(), answer(body, 503)).kind == kind
