"""What the doctor says while a drill lasts: the real one, with the real kubectl, of a fake cluster that plays it.

It is the real one in ``test_runner``, too, for faults that the pods' status, evictions and the ReplicaSet tell of.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from k8s.drill.__main__ import SEEN, main
from k8s.drill.catalogue import load
from k8s.drill.cluster import DrillError
from k8s.drill.doctor import Opinion, ask, command
from tests.k8s.apiserver import kubeconfig
from tests.k8s.apiserver.discovery import MONITORING, RESOURCES
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving
from tests.k8s.drill.play import cluster
from tests.k8s.manifests import ROOT

CONTEXT = "kind-drill"


NAMESPACES = ("default", "ingress-nginx", "monitoring")


@pytest.mark.parametrize(
    ("name", "recording"),
    [
        ("crash-exit-78-bad-config", "crash-exit-78-bad-config"),  # told by how it ended and what it logged
        ("readiness-failing", "readiness-failing"),  # by an event
        ("ingress-class-missing", "healthy"),  # the others by what the drill itself applies
        ("network-policy-blocks-scrapes", "healthy"),
        ("service-monitor-selects-nothing", "healthy"),
        ("service-wrong-selector", "healthy"),
        ("service-wrong-target-port", "healthy"),
    ],
)
def test_it_names_the_drills_cause_and_no_other(name: str, recording: str, config: Path) -> None:
    asked: list[Opinion] = []

    def remember(context: str) -> Opinion:
        asked.append(ask(context))
        return asked[-1]

    with serving(FakeApiServer(cluster(recording), resources={**RESOURCES, **MONITORING})) as fake:
        for each in NAMESPACES:
            fake.put("namespaces", {"metadata": {"name": each}})
        kubeconfig.write(config, fake.port, CONTEXT)
        assert main([name], ask=remember, poll=0.02) == SEEN
    assert [each.causes for each in asked] == [(load(name).cause,)]


def apply(overlay: str) -> None:
    subprocess.run(["kubectl", "apply", "-k", overlay], cwd=ROOT, check=True, capture_output=True)


def test_it_finds_nothing_wrong_with_the_healthy_workload(config: Path) -> None:
    with serving(FakeApiServer(cluster("healthy"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        apply("k8s/overlays/local")
        assert ask(CONTEXT).causes == ("healthy",)


def test_the_command_that_is_shown_prints_the_same(config: Path) -> None:
    with serving(FakeApiServer(cluster("image-tag-not-found"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        apply("k8s/overlays/local")
        apply("k8s/faults/image-tag-not-found")
        argv = [sys.executable, *command(CONTEXT).split()[1:]]
        shown = subprocess.run(argv, cwd=ROOT, env=os.environ, capture_output=True, text=True)
        assert shown.stdout == ask(CONTEXT).text
    assert "image-not-found" in shown.stdout


def test_a_cluster_that_does_not_answer_it_is_an_error(config: Path) -> None:
    with serving(FakeApiServer()) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
    with pytest.raises(DrillError, match=r"can read nothing: .*refused"):
        ask(CONTEXT)
