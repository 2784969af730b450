"""``python -m tests.k8s.rollout_check.sample``: the run shown in docs/kubernetes.md.

Two real servers are updated to a model that calls itself 1.2.0, with the manifest's pauses. Stand-ins: the NodePort,
and the cluster that the real kubectl talks to. Options are handed on to the tool, ``--rate 10`` for example.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.server import ROOT, Server, running
from tests.k8s.apiserver.serving import write_kubeconfig
from tests.k8s.manifests import K8S, read
from tests.k8s.rollout_check import fake_cluster
from tests.k8s.rollout_check.fake_cluster import NAME, Cluster
from tests.k8s.rollout_check.stand_ins import node_port
from tests.shipped import copied

REPLICAS = 2
NODE_PORT = 30080
COMMAND = ["kubectl", "set", "image", f"deployment/{NAME}", "cifar10=cifar-api-cpu:v2"]


class Update:
    """Replaces each server: start a new one, wait for minReadySeconds, then preStop and SIGTERM for the old one."""

    def __init__(self, start: Callable[[], Server], serving: list[Server], endpoints: Path) -> None:
        manifests = read(K8S / "base" / "cifar10-deployment.yaml")
        self._available_seconds: int = manifests.deployment["spec"]["minReadySeconds"]
        self._pause_seconds: int = manifests.container["lifecycle"]["preStop"]["sleep"]["seconds"]
        self._start = start
        self._serving = serving
        self._endpoints = endpoints
        self._ending: list[threading.Thread] = []

    def __call__(self, cluster: Cluster) -> None:
        for updated, old in enumerate(list(self._serving), start=1):
            cluster.progress(updated, REPLICAS + 1, REPLICAS)
            self._serving.append(self._start().wait_until_ready())
            self.publish()
            time.sleep(self._available_seconds)
            self._serving.remove(old)
            self.publish()
            self._ending.append(threading.Thread(target=self._end, args=[old]))
            self._ending[-1].start()
            cluster.progress(updated, REPLICAS, REPLICAS)

    def publish(self) -> None:
        partial = self._endpoints.with_suffix(".partial")
        partial.write_text(" ".join(str(server.port) for server in self._serving))
        os.replace(partial, self._endpoints)

    def wait(self) -> None:
        for each in self._ending:
            each.join()

    def _end(self, server: Server) -> None:
        time.sleep(self._pause_seconds)
        server.signal(signal.SIGTERM)


def main() -> int:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        updated = copied(folder)
        card = json.loads((updated / "card.json").read_text())
        (updated / "card.json").write_text(json.dumps({**card, "version": "1.2.0"}))
        drain = read(K8S / "base" / "cifar10-deployment.yaml").environment()["PREDICTOR_DRAIN_SECONDS"]

        def start(**settings: object) -> Server:
            return stack.enter_context(running(folder, drain_seconds=drain, **settings))

        serving = [server.wait_until_ready() for server in [start() for _ in range(REPLICAS)]]
        update = Update(lambda: start(model_dir=updated), serving, folder / "endpoints")
        update.publish()
        stack.enter_context(node_port(folder / "endpoints", NODE_PORT))
        cluster = stack.enter_context(fake_cluster.running(REPLICAS, update))
        configured = write_kubeconfig(folder / "config", cluster.fake.port, "fake")
        environment = {**os.environ, "KUBECONFIG": str(configured), "KUBECACHEDIR": str(folder)}
        tool = [sys.executable, "-m", "k8s.rollout_check", "--url", f"http://localhost:{NODE_PORT}", *sys.argv[1:]]
        done = subprocess.run([*tool, "--", *COMMAND], cwd=ROOT, env=environment)
        update.wait()
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
