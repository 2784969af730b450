"""Containers of the image with the environment, limits and restrictions of the Deployment."""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import requests

from tests.container.build import run
from tests.container.memory import COMMAND, Memory, parse
from tests.e2e.server import START_SECONDS, eventually, free_ports
from tests.k8s.manifests import K8S, Manifests, quantity, read

CPUS = 1
"""The Deployment has no CPU limit; this is its request, rounded up."""

OF_THE_POD = {
    "metadata.name": "cifar10-deployment-7cbf5496cb-4p9f7",
    "metadata.namespace": "default",
    "spec.nodeName": "node1",
}
"""Values of the pod's fields, which a cluster would set."""


def environment(manifests: Manifests) -> dict[str, str]:
    """The container's variables by name, as the kubelet makes them.

    ``$(NAME)`` is replaced by a variable defined before, and unchanged if there is none.
    """
    found: dict[str, str] = {}
    sources = {each["name"]: each.get("valueFrom", {}) for each in manifests.container.get("env", [])}
    for name, value in manifests.environment().items():
        if "fieldRef" in sources.get(name, {}):
            found[name] = OF_THE_POD[value]
        elif name in sources:
            found[name] = re.sub(r"\$\((\w+)\)", lambda match: found.get(match[1], match[0]), value)
        else:  # from a ConfigMap, whose values are used as they are
            found[name] = value
    return found


def as_deployed() -> list[str]:
    """podman's options for the container's section of the Deployment."""
    manifests = read(K8S / "base" / "cifar10-deployment.yaml")
    pod, container = manifests.pod, manifests.container
    security = container["securityContext"]
    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    (volume,) = pod["volumes"]
    (mount,) = container["volumeMounts"]
    size = int(quantity(volume["emptyDir"]["sizeLimit"]))
    memory = int(quantity(container["resources"]["limits"]["memory"]))
    return [
        f"--user={pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}",
        "--read-only",
        "--read-only-tmpfs=false",
        "--security-opt=no-new-privileges",
        *(f"--cap-drop={each}" for each in security["capabilities"]["drop"]),
        f"--tmpfs={mount['mountPath']}:size={size}",
        f"--memory={memory}",
        f"--memory-swap={memory}",
        f"--cpus={CPUS}",
        *(f"--env={name}={value}" for name, value in environment(manifests).items()),
    ]


class Container:
    """A running container, created by :func:`running`. Its API is on ``port`` of 127.0.0.1."""

    def __init__(self, podman: str, image: str, *options: str, **settings: object) -> None:
        self._podman = podman
        self.port, self.ops_port = free_ports()
        publish = [f"-p=127.0.0.1:{self.port}:8000", f"-p=127.0.0.1:{self.ops_port}:9000"]
        given = [f"--env=PREDICTOR_{name.upper()}={value}" for name, value in settings.items()]
        command = [podman, "run", "--detach", "--pull=never", *as_deployed(), *publish, *options, *given, image]
        self._folder = tempfile.TemporaryDirectory()
        try:
            self.id = run(*command, cwd=self._folder.name).strip()
        except AssertionError:
            self._folder.cleanup()
            raise

    def ready(self) -> bool:
        with suppress(requests.RequestException):
            return self.ops("/readyz", timeout=10).status_code == 200
        return False

    def wait_until_ready(self) -> Self:
        eventually(lambda: self.ready() or not self.state()["Running"], within=START_SECONDS, what="readiness")
        assert self.state()["Running"], self.logs()
        return self

    def predict(self, image: bytes) -> requests.Response:
        return requests.post(f"http://127.0.0.1:{self.port}/predict", data=image, timeout=60)

    def ops(self, path: str, timeout: float = 20.0) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.ops_port}{path}", timeout=timeout)

    def state(self) -> dict[str, Any]:
        [found] = json.loads(run(self._podman, "inspect", self.id))
        state: dict[str, Any] = found["State"]
        return state

    def age(self) -> float:
        """Seconds since its process started."""
        now = datetime.now(UTC)
        return (now - datetime.fromisoformat(self.state()["StartedAt"])).total_seconds()

    def out_of_memory(self) -> bool:
        """Whether the OOM killer has killed one of its processes."""
        # With cgroup v1 the only sign is the file that conmon writes to its working directory.
        return bool(self.state()["OOMKilled"]) or (Path(self._folder.name) / "oom").exists()

    def memory(self) -> Memory:
        return parse(self.execute("sh", "-c", COMMAND))

    def check_health(self) -> None:
        """Run the image's health check; raises an error if it fails."""
        run(self._podman, "healthcheck", "run", self.id)

    def execute(self, *command: str) -> str:
        return run(self._podman, "exec", self.id, *command)

    def logs(self) -> str:
        """Its stdout and stderr."""
        return run("sh", "-c", f"'{self._podman}' logs {self.id} 2>&1")

    def terminate(self) -> None:
        """Send SIGTERM, as the kubelet does."""
        run(self._podman, "kill", "--signal=TERM", self.id)

    def exit_code(self, within: float = 60.0) -> int:
        """Wait for it to exit."""
        eventually(lambda: not self.state()["Running"], within=within, what="the end of the container")
        return int(self.state()["ExitCode"])

    def remove(self) -> None:
        run(self._podman, "rm", "--force", "--time=0", self.id)
        self._folder.cleanup()


@contextmanager
def running(podman: str, image: str, *options: str, **settings: object) -> Iterator[Container]:
    """A started container, which may not be ready yet; removed when the block ends."""
    container = Container(podman, image, *options, **settings)
    try:
        yield container
    finally:
        container.remove()
