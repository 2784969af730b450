import json

from tests.container.base import run
from tests.container.containers import Container
from tests.k8s.policy.measured import START_SECONDS


def test_it_names_what_it_was_built_from(podman: str, image: str) -> None:
    [found] = json.loads(run(podman, "image", "inspect", image))
    labels = found["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "cifar10-serving"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.revision"] == "0123abc"


def test_it_runs_as_a_user_kubernetes_can_tell_is_not_root(podman: str, image: str) -> None:
    [found] = json.loads(run(podman, "image", "inspect", image))
    assert found["Config"]["User"] == "10001:10001"


def test_it_says_how_its_health_is_checked(podman: str, image: str) -> None:
    [found] = json.loads(run(podman, "image", "inspect", image))
    assert found["Healthcheck"]["Test"] == ["CMD", "python", "-m", "service.healthcheck"]
    assert found["Healthcheck"]["StartPeriod"] >= 10 * START_SECONDS * 1e9


def test_nothing_stands_between_gunicorn_and_its_signals(container: Container) -> None:
    command = container.execute("cat", "/proc/1/cmdline").split("\0")
    assert [part.rpartition("/")[2] for part in command if part] == ["python", "gunicorn", "-c", "gunicorn.conf.py"]


def test_there_is_no_compiler_and_no_pip_in_it(container: Container) -> None:
    names = "/usr/bin/gcc /usr/bin/cc /app/.venv/lib/python3*/site-packages/pip"
    assert container.execute("sh", "-c", f"ls -d {names} 2>/dev/null || true") == ""


def test_its_user_owns_nothing_in_it(container: Container) -> None:
    assert container.execute("find", "/app", "-writable").split() == []


def test_its_modules_are_compiled_already(container: Container) -> None:
    assert container.execute("sh", "-c", "ls service/__pycache__/app.*.pyc").strip()
