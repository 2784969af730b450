"""The doctor during a drill, with the real kubectl and a fake cluster that replays the fault.

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
from tests.k8s.apiserver.discovery import MONITORING, RESOURCES
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving, write_kubeconfig
from tests.k8s.drill.play import CONTEXT, cluster, played
from tests.k8s.manifests import ROOT

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
def test_the_doctor_names_only_the_drills_cause(name: str, recording: str, config: Path) -> None:
    asked: list[Opinion] = []

    def remember(context: str) -> Opinion:
        asked.append(ask(context))
        return asked[-1]

    with serving(FakeApiServer(cluster(recording), resources={**RESOURCES, **MONITORING})) as fake:
        for each in NAMESPACES:
            fake.put("namespaces", {"metadata": {"name": each}})
        write_kubeconfig(config, fake.port, CONTEXT)
        assert main([name], ask=remember, poll=0.02) == SEEN
    assert [each.causes for each in asked] == [(load(name).cause,)]


def apply(overlay: str) -> None:
    subprocess.run(["kubectl", "apply", "-k", overlay], cwd=ROOT, check=True, capture_output=True)


def test_the_healthy_workload_is_diagnosed_as_healthy(config: Path) -> None:
    with played(config, "healthy"):
        apply("k8s/overlays/local")
        assert ask(CONTEXT).causes == ("healthy",)


def test_the_command_shown_prints_the_same(config: Path) -> None:
    with played(config, "image-tag-not-found"):
        apply("k8s/overlays/local")
        apply("k8s/faults/image-tag-not-found")
        argv = [sys.executable, *command(CONTEXT).split()[1:]]
        shown = subprocess.run(argv, cwd=ROOT, env=os.environ | {"COLUMNS": "120"}, capture_output=True, text=True)
        assert shown.stdout == ask(CONTEXT).text
    assert "image-not-found" in shown.stdout


def test_an_unreachable_cluster_is_an_error(config: Path) -> None:
    with serving(FakeApiServer()) as fake:
        write_kubeconfig(config, fake.port, CONTEXT)
    with pytest.raises(DrillError, match=r"cannot read the cluster: .*refused"):
        ask(CONTEXT)
