"""The image without PyTorch."""

from collections.abc import Iterator

import pytest

from tests.container.build import run
from tests.container.containers import Container, running
from tests.e2e.traffic import BIRD


@pytest.fixture(scope="module")
def container(podman: str, slim: str) -> Iterator[Container]:
    """A ready container, restricted as in the Deployment."""
    with running(podman, slim) as container:
        yield container.wait_until_ready()


def test_it_answers_bird_with_onnx_runtime(container: Container) -> None:
    assert container.predict(BIRD).json()["predict"] == "bird"
    assert 'engine="onnxruntime"' in container.ops("/metrics").text


def test_there_is_no_pytorch_in_it(container: Container) -> None:
    names = "/app/.venv/lib/python3*/site-packages/torch*"
    assert container.execute("sh", "-c", f"ls -d {names} 2>/dev/null || true") == ""


def test_asked_for_pytorch_it_says_in_one_line_what_is_missing(podman: str, slim: str) -> None:
    with running(podman, slim, engine="torch") as refused:
        assert refused.exit_code() == 78
        assert "PREDICTOR_ENGINE=torch needs the package torch, which is not installed" in refused.logs()


def test_it_weighs_less_than_half_of_the_other(podman: str, image: str, slim: str) -> None:
    whole, small = (int(run(podman, "image", "inspect", "--format={{.Size}}", name)) for name in (image, slim))
    assert small < whole / 2
