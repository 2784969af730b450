"""Which commands are waited for."""

import asyncio
import json
import shlex
from collections.abc import Sequence
from typing import Any

import pytest

from k8s.rollout_check.until import derive

RESTARTED = "deployment/cifar10-deployment"


def derived(command: str, cluster: Any = None) -> list[str]:
    """``cluster`` is what a cluster answers to ``kubectl get``."""
    asked: list[str] = []

    async def output(get: Sequence[str]) -> str:
        asked.append(shlex.join(get))
        return json.dumps(cluster)

    found = [shlex.join(each) for each in asyncio.run(derive(shlex.split(command), output))]
    return [*asked, *found]


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (f"kubectl rollout restart {RESTARTED}", RESTARTED),
        ("kubectl rollout restart deployment cifar10-deployment", RESTARTED),
        ("kubectl rollout undo deploy/cifar10-deployment --to-revision=1", RESTARTED),
        ("kubectl rollout undo deploy/cifar10-deployment --to-revision 1", RESTARTED),
        ("kubectl set image deployments.apps/cifar10-deployment cifar10=localhost:5000/cifar-api-cpu:v2", RESTARTED),
        ("kubectl set env sts/db A=b", "statefulset/db"),
        ("kubectl scale --replicas 3 deployment/cifar10-deployment", RESTARTED),
        ("""kubectl patch deployment cifar10-deployment -p '{"spec": {"replicas": 3}}'""", RESTARTED),
        ("kubectl rollout restart deployment cifar10-deployment -o name", RESTARTED),
        (f"/usr/local/bin/kubectl rollout restart {RESTARTED}", RESTARTED),
        (f"kubectl -n cifar10 rollout restart {RESTARTED}", f"{RESTARTED} --namespace=cifar10"),
        (f"kubectl rollout restart {RESTARTED} -ncifar10", f"{RESTARTED} --namespace=cifar10"),
        (
            f"kubectl --context kind-kind rollout restart {RESTARTED} --namespace=cifar10",
            f"{RESTARTED} --context=kind-kind --namespace=cifar10",
        ),
    ],
)
def test_the_rollout_of_a_workload_that_is_named_is_waited_for(command: str, status: str) -> None:
    assert derived(command) == [f"{shlex.split(command)[0]} rollout status {status}"]


def test_of_several_each_is_waited_for() -> None:
    assert derived("kubectl rollout restart deployment one two") == [
        "kubectl rollout status deployment/one",
        "kubectl rollout status deployment/two",
    ]


@pytest.mark.parametrize(
    "command",
    [
        "true",
        "helm upgrade deployment/cifar10-deployment",
        "kubectl delete deployment/cifar10-deployment",
        "kubectl delete pod cifar10-deployment-7cbf5496cb-4p9f7",
        "kubectl drain node1 --ignore-daemonsets",
        "kubectl rollout restart deployment -l app.kubernetes.io/name=cifar10",
        "kubectl set image deployment/cifar10-deployment cifar10=cifar-api-cpu:v2 --dry-run=server",
        "kubectl apply -f -",
        "kubectl",
    ],
)
def test_where_it_cannot_be_told_nothing_is_waited_for(command: str) -> None:
    assert derived(command) == []


def item(kind: str, name: str, namespace: str = "default") -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}}


@pytest.mark.parametrize("files", ["-k k8s/overlays/production", "--kustomize=k8s/overlays/production"])
def test_of_what_was_applied_the_cluster_tells_the_workloads_and_their_namespaces(files: str) -> None:
    items = [item("Service", "cifar10-service", "cifar10"), item("Deployment", "cifar10-deployment", "cifar10")]
    assert derived(f"kubectl --context=kind-kind apply {files} -o name", {"kind": "List", "items": items}) == [
        "kubectl get --kustomize=k8s/overlays/production --context=kind-kind --output=json",
        f"kubectl rollout status {RESTARTED} --context=kind-kind --namespace=cifar10",
    ]


def test_a_file_with_one_object_is_no_list_to_kubectl() -> None:
    assert derived("kubectl apply -R -f one.yaml", item("DaemonSet", "agent")) == [
        "kubectl get --recursive --filename=one.yaml --output=json",
        "kubectl rollout status daemonset/agent --namespace=default",
    ]
