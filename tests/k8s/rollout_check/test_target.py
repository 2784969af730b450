"""URLs, addresses and TLS."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from k8s.rollout_check.target import Image, Target
from tests.k8s.rollout_check.fake import Fake, prediction, running
from tests.k8s.rollout_check.tool import rollout_check


@pytest.mark.parametrize(
    ("url", "port", "path", "host"),
    [
        ("http://localhost:30080", 30080, "/predict", "localhost:30080"),
        ("http://localhost/", 80, "/predict", "localhost"),
        ("https://cifar10.example", 443, "/predict", "cifar10.example"),
        ("http://[::1]:8000/v1/predict?a=b", 8000, "/v1/predict?a=b", "[::1]:8000"),
    ],
)
def test_a_url_is_parsed(url: str, port: int, path: str, host: str) -> None:
    target = Target.parse(url)
    assert (target.port, target.path, target.host) == (port, path, host)
    assert target.url.endswith(f"{host}{path}")
    assert target.secure == url.startswith("https")


def test_the_host_header_may_differ_from_the_url() -> None:
    target = Target.parse("http://127.0.0.1", host="tarry.cifar10.local")
    request = Image("a.png", b"data").request(target, keep=True)
    assert b"\r\nHost: tarry.cifar10.local\r\n" in request
    assert target.name == "127.0.0.1"


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://localhost", "http://", "http://localhost:99999"])
def test_an_invalid_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (urllib has its own words)
        Target.parse(url)


def test_a_host_name_is_resolved_once() -> None:
    assert "127.0.0.1" in asyncio.run(Target.parse("http://localhost").addresses())


NAME = "cifar10.test"


@pytest.fixture
def fake(require_tool: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A fake with a trusted certificate for :data:`NAME`."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    openssl = [
        require_tool("openssl", "openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ]
    name = ["-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*openssl, *name, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running(lambda _: prediction(), context) as fake:
        yield fake


def test_the_certificate_is_verified_against_the_host_option(fake: Fake) -> None:
    done = rollout_check("--url", f"https://127.0.0.1:{fake.port}", "--host", NAME)
    assert done.code == 0, done.steps
    assert {request.headers["Host"] for request in fake.requests} == {NAME}


def test_a_certificate_for_another_name_is_not_accepted(fake: Fake) -> None:
    done = rollout_check("--url", f"https://127.0.0.1:{fake.port}", "--host", "other.test")
    assert done.code == 2
    assert "TLS failed" in done.steps
    assert fake.requests == []
