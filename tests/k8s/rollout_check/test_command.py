"""The command, and the commands that wait for its rollout."""

import asyncio
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from k8s.rollout_check.command import CommandFailed, derive, output, run


@pytest.mark.parametrize(
    ("command", "failure"),
    [(["sh", "-c", "exit 7"], "exited with 7"), (["sh", "-c", "kill -KILL $$"], "was killed by signal 9")],
    ids=["exit", "signal"],
)
@pytest.mark.usefixtures("_stderr")
def test_a_failing_command_is_reported(command: Sequence[str], failure: str) -> None:
    with pytest.raises(CommandFailed, match=failure):
        asyncio.run(run(command))


def test_the_output_of_a_command_is_returned() -> None:
    assert asyncio.run(output(["echo", "deployment/cifar10-deployment"])) == "deployment/cifar10-deployment\n"
    with pytest.raises(CommandFailed, match="`false` exited with 1"):
        asyncio.run(output(["false"]))


@pytest.mark.usefixtures("_stderr")
def test_a_command_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.rollout_check.command.END_SECONDS", 0.1)
    ready = tmp_path / "pid"

    async def cut_short() -> None:
        running = asyncio.create_task(run(["sh", "-c", f"trap '' TERM; echo $$ >{ready}; while :; do sleep 0.1; done"]))
        while not (ready.exists() and ready.read_text()):
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cut_short())
    assert not Path(f"/proc/{ready.read_text().strip()}").exists()


@pytest.fixture
def _stderr(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The stderr of the process, instead of pytest's."""
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)


RESTARTED = "deployment/cifar10-deployment"


def derived(command: str, cluster: Any = None) -> list[str]:
    """``cluster`` is the output of ``kubectl get``."""
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
def test_the_rollout_of_a_named_workload_is_waited_for(command: str, status: str) -> None:
    assert derived(command) == [f"{shlex.split(command)[0]} rollout status {status}"]


def test_several_workloads_are_each_waited_for() -> None:
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
def test_a_command_without_a_known_workload_is_not_waited_for(command: str) -> None:
    assert derived(command) == []


def item(kind: str, name: str, namespace: str = "default") -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}}


@pytest.mark.parametrize("files", ["-k k8s/overlays/production", "--kustomize=k8s/overlays/production"])
def test_workloads_of_applied_files_are_read_from_the_cluster(files: str) -> None:
    items = [item("Service", "cifar10-service", "cifar10"), item("Deployment", "cifar10-deployment", "cifar10")]
    assert derived(f"kubectl --context=kind-kind apply {files} -o name", {"kind": "List", "items": items}) == [
        "kubectl get --kustomize=k8s/overlays/production --context=kind-kind --output=json",
        f"kubectl rollout status {RESTARTED} --context=kind-kind --namespace=cifar10",
    ]


def test_a_file_with_a_single_object_is_read_too() -> None:
    assert derived("kubectl apply -R -f one.yaml", item("DaemonSet", "agent")) == [
        "kubectl get --recursive --filename=one.yaml --output=json",
        "kubectl rollout status daemonset/agent --namespace=default",
    ]
