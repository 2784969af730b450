"""An Ingress that speaks TLS."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.k8s.rollout_check.fake import Fake, prediction, running
from tests.k8s.rollout_check.tool import rollout_check

NAME = "cifar10.test"


@pytest.fixture
def fake(require_tool: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """One with a certificate for :data:`NAME`, which is trusted here."""
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


def test_the_name_in_host_is_the_one_that_the_certificate_has_to_have(fake: Fake) -> None:
    done = rollout_check("--url", f"https://127.0.0.1:{fake.port}", "--host", NAME)
    assert done.code == 0, done.steps
    assert {request.headers["Host"] for request in fake.requests} == {NAME}


def test_a_certificate_for_another_name_is_not_accepted(fake: Fake) -> None:
    done = rollout_check("--url", f"https://127.0.0.1:{fake.port}", "--host", "other.test")
    assert done.code == 2
    assert "TLS failed" in done.steps
    assert fake.requests == []
