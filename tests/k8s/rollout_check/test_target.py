import asyncio

import pytest

from k8s.rollout_check.images import Image
from k8s.rollout_check.target import Target


@pytest.mark.parametrize(
    ("url", "port", "path", "host"),
    [
        ("http://localhost:30080", 30080, "/predict", "localhost:30080"),
        ("http://localhost/", 80, "/predict", "localhost"),
        ("https://cifar10.example", 443, "/predict", "cifar10.example"),
        ("http://[::1]:8000/v1/predict?a=b", 8000, "/v1/predict?a=b", "[::1]:8000"),
    ],
)
def test_a_url_is_taken_apart(url: str, port: int, path: str, host: str) -> None:
    target = Target.parse(url)
    assert (target.port, target.path, target.host) == (port, path, host)
    assert target.url.endswith(f"{host}{path}")
    assert target.secure == url.startswith("https")


def test_the_host_header_may_be_another() -> None:
    target = Target.parse("http://127.0.0.1", host="tarry.cifar10.local")
    request = Image("a.png", b"data").request(target, keep=True)
    assert b"\r\nHost: tarry.cifar10.local\r\n" in request
    assert target.name == "127.0.0.1"


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://localhost", "http://", "http://localhost:99999"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (urllib has its own words)
        Target.parse(url)


def test_a_name_is_looked_up_once_for_all() -> None:
    assert "127.0.0.1" in asyncio.run(Target.parse("http://localhost").addresses())
