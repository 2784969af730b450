"""The whole of a drill, with the real kubectl and a fake API server that plays a recording."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from k8s.drill.__main__ import INTERRUPTED, NOT_SEEN, REFUSED, SEEN, main
from k8s.drill.cluster import DrillError
from tests.e2e.server import eventually
from tests.k8s.drill.apiserver import FakeApiServer, serving
from tests.k8s.drill.conftest import CONTEXT, point
from tests.k8s.drill.play import NAME, cluster
from tests.k8s.manifests import ROOT

pytestmark = pytest.mark.timeout(300)

HEALTHY_IMAGE = "cifar-api-cpu:v1"
SCRIPT = "import sys; from k8s.drill.__main__ import main; sys.exit(main(sys.argv[1:], lambda _: [], poll=0.05))"
"""The command with a doctor who finds nothing."""


def drill(*arguments: str, doctor: str = "") -> int:
    """The exit code; the doctor always names this cause."""
    return main([*arguments], ask=lambda _: [doctor] if doctor else [], poll=0.02)


def image(fake: FakeApiServer) -> str:
    deployment = fake.named("deployments", NAME)
    assert deployment is not None
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def test_a_drill_breaks_watches_asks_and_mends(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(cluster("image-tag-not-found")) as fake:
        point(kubeconfig, fake.port)
        code = drill("image-tag-not-found", doctor="image-not-found")
        assert image(fake) == HEALTHY_IMAGE
    told = capsys.readouterr().out
    order = [
        f"On context {CONTEXT}, namespace default",
        "Healthy.",
        "$ kubectl apply -k k8s/faults/image-tag-not-found",
        "pods: 1/1 Running, 0/1 ErrImagePull",
        "monitoring/runbooks/Cifar10ImagePullFailing.md",
        "$ kubectl get pods",
        "The doctor says: image-not-found.",
        "What ends it: kubectl rollout undo deployment/cifar10-deployment",
        "Cleaning up",
        "Healthy again.",
        "image-tag-not-found: as expected",
    ]
    places = [told.index(each) for each in order]
    assert places == sorted(places), told
    for signal_name in ("status", "waiting", "event"):
        assert f"seen: {signal_name}: " in told
    assert code == SEEN


def test_a_doctor_who_says_something_else_fails_the_drill(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.drill.runner.DOCTOR_SECONDS", 0.0)
    with serving(cluster("oom-killed")) as fake:
        point(kubeconfig, fake.port)
        assert drill("oom-killed", doctor="liveness-failing") == NOT_SEEN
    told = capsys.readouterr().out
    assert "The doctor says: liveness-failing, and out-of-memory was expected." in told
    assert "Healthy again." in told


def test_what_is_not_seen_and_a_doctor_without_an_answer_fail_the_drill(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(context: str) -> list[str]:
        raise DrillError("the doctor gave no answer")

    with serving(cluster("healthy")) as fake:  # where a fault makes no difference
        point(kubeconfig, fake.port)
        assert main(["crash-wrong-entry", "--timeout", "0.1"], ask=silent, poll=0.02) == NOT_SEEN
    told = capsys.readouterr().out
    assert "Not seen within 0.1 s: event, last exit, status, waiting." in told
    assert "the doctor gave no answer" in told
    assert "Healthy again." in told
    assert "NOT as expected" in told


def test_a_workload_that_never_gets_healthy_is_not_broken_further(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda _: None) as fake:
        point(kubeconfig, fake.port)
        assert drill("crash-wrong-entry", "--timeout", "0.1") == NOT_SEEN
        assert image(fake) == HEALTHY_IMAGE
    assert "did not get healthy" in capsys.readouterr().err


def test_what_a_fault_added_is_deleted(kubeconfig: Path) -> None:
    with serving(cluster("pod-security-rejected")) as fake:
        point(kubeconfig, fake.port)
        drill("quota-exceeded", "--timeout", "0.1")
        assert "POST /api/v1/namespaces/default/resourcequotas" in fake.requests
        assert fake.named("resourcequotas", "cifar10-quota") is None


def test_evicted_pods_are_removed(kubeconfig: Path) -> None:
    with serving(cluster("evicted-empty-dir")) as fake:
        point(kubeconfig, fake.port)
        assert drill("evicted-empty-dir", doctor="evicted") == SEEN
        phases = [each["status"]["phase"] for (resource, *_), each in fake.objects.items() if resource == "pods"]
    assert phases == ["Running"]
    assert len([each for each in fake.requests if each.startswith("DELETE") and "/pods/" in each]) == 2


def test_a_namespace_loses_the_label_and_stays(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(cluster("pod-security-rejected")) as fake:
        fake.put("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        point(kubeconfig, fake.port)
        assert drill("pod-security-rejected", doctor="pod-security-rejected") == SEEN
        namespace = fake.named("namespaces", "default", namespace="")
    assert "PATCH /api/v1/namespaces/default" in fake.requests
    assert namespace is not None
    assert not namespace["metadata"].get("labels")


def test_what_was_there_in_place_of_what_a_fault_adds_is_put_back(kubeconfig: Path) -> None:
    with serving(cluster("healthy")) as fake:
        policy = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "cifar10-network-policy", "namespace": "default"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        }
        applied = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(policy)}}
        fake.put("networkpolicies", policy | {"metadata": {**policy["metadata"], **applied}})  # type: ignore[dict-item]
        point(kubeconfig, fake.port)
        assert drill("network-policy-blocks-scrapes", doctor="network-policy-blocks-scrapes") == SEEN
        found = fake.named("networkpolicies", "cifar10-network-policy")
    assert len([each for each in fake.requests if each.startswith("PATCH") and "networkpolicies" in each]) == 2
    assert found is not None
    assert found["spec"] == policy["spec"]


def test_what_could_not_be_put_back_is_not_replaced(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(cluster("healthy")) as fake:
        metadata = {"name": "cifar10-quota", "namespace": "default"}
        fake.put("resourcequotas", {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {}})
        point(kubeconfig, fake.port)
        assert drill("quota-exceeded") == NOT_SEEN
        assert fake.requests == []
    assert "resourcequota/cifar10-quota is there" in capsys.readouterr().err


def test_kept_the_fault_stays_and_its_end_is_told(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(cluster("image-tag-not-found")) as fake:
        point(kubeconfig, fake.port)
        assert drill("image-tag-not-found", "--keep", doctor="image-not-found") == SEEN
        assert image(fake) != HEALTHY_IMAGE
    assert "To end it:\n  kubectl apply -k k8s/overlays/local\n" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_drill_mends_what_it_broke(kubeconfig: Path, number: signal.Signals) -> None:
    with serving(cluster("healthy")) as fake:  # so that it waits for what never comes
        point(kubeconfig, fake.port)
        with subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "image-tag-not-found"],
            cwd=ROOT,
            env=os.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as run:
            eventually(lambda: fake.named("deployments", NAME) and image(fake) != HEALTHY_IMAGE, within=60)
            if number == signal.SIGINT:
                os.killpg(run.pid, number)  # as a terminal does: kubectl gets it too
            else:
                run.send_signal(number)
            told, _ = run.communicate(timeout=60)
        assert image(fake) == HEALTHY_IMAGE
    assert "Healthy again." in told
    assert run.returncode == INTERRUPTED


def test_a_context_that_does_not_look_local_is_refused(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(cluster("oom-killed")) as fake:
        point(kubeconfig, fake.port, "production", CONTEXT)
        assert drill("oom-killed") == REFUSED
        assert fake.requests == []
    assert "production, does not look like a cluster on this machine" in capsys.readouterr().err


def test_a_context_that_is_named_is_used_whatever_it_is_called(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(cluster("oom-killed")) as fake:
        point(kubeconfig, fake.port, CONTEXT, "staging")
        assert drill("oom-killed", "--context", "staging", doctor="out-of-memory") == SEEN
    assert "On context staging," in capsys.readouterr().out


def test_a_cluster_that_does_not_answer_is_told(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(cluster("healthy")) as fake:
        point(kubeconfig, fake.port)
    assert drill("oom-killed") == NOT_SEEN
    assert "refused" in capsys.readouterr().err
