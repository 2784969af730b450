"""The Dockerfile, and the image that is built from it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.container.build import ROOT, run
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


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_copied_is_let_into_the_build() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    words = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")]
    assert {name for line in words if "--from" not in line[1] for name in line[1:-1]} == let_in
