"""The whole of a drill, with the real kubectl and a fake API server that plays a recording."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from k8s.drill import table
from k8s.drill.__main__ import INTERRUPTED, NOT_SEEN, REFUSED, SEEN, main
from k8s.drill.cluster import DrillError
from k8s.drill.doctor import Opinion, ask
from k8s.drill.runner import Doctor
from tests.e2e.server import eventually
from tests.k8s.apiserver import kubeconfig
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving
from tests.k8s.drill.play import NAME, cluster
from tests.k8s.manifests import ROOT
from tests.k8s.unread import unread

pytestmark = pytest.mark.timeout(300)

CONTEXT = "kind-kind"
HEALTHY_IMAGE = "cifar-api-cpu:v1"
SCRIPT = "import sys; from k8s.drill.__main__ import main; sys.exit(main(sys.argv[1:], poll=0.05))"


def drill(*arguments: str, doctor: Doctor = ask) -> int:
    """The exit code; it is the real doctor who is asked, unless another is given."""
    return main([*arguments], ask=doctor, poll=0.02)


def always(cause: str) -> Doctor:
    """A doctor who is not asked really: for what the fake cluster does not play."""
    return lambda _: Opinion((cause,), "")


def documented() -> str:
    """What docs/troubleshooting.md says that this drill prints, but for the lines that it leaves out."""
    page = table.DOCUMENT.read_text()
    return page.partition("$ make drill NAME=image-tag-not-found\n")[2].partition("```")[0].replace("…\n", "")


def without_seconds(text: str) -> list[str]:
    return re.sub(r"^ +\d+ s ", "", text, flags=re.MULTILINE).splitlines()


def image(fake: FakeApiServer) -> str:
    deployment = fake.named("deployments", NAME)
    assert deployment is not None
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def test_a_drill_breaks_watches_asks_and_mends(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeApiServer(cluster("image-tag-not-found"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        code = drill("image-tag-not-found")
        assert image(fake) == HEALTHY_IMAGE
    told = capsys.readouterr().out
    order = [
        f"Context {CONTEXT}, namespace default",
        "Healthy.",
        "$ kubectl apply -k k8s/faults/image-tag-not-found",
        "pods: 1/1 Running, 0/1 ErrImagePull",
        "monitoring/runbooks/Cifar10ImagePullFailing.md",
        "$ kubectl get pods",
        f"$ python3 -m k8s.doctor --context {CONTEXT} -n default deployment/cifar10-deployment",
        "deployment/cifar10-deployment in default: image-not-found (high confidence)",
        "The doctor names the cause that was expected, image-not-found.",
        "What ends it: kubectl rollout undo deployment/cifar10-deployment",
        "Cleaning up",
        "Healthy again.",
        "image-tag-not-found: as expected",
    ]
    places = [told.index(each) for each in order]
    assert places == sorted(places), told
    for signal_name in ("status", "waiting", "event"):
        assert f"seen: {signal_name}: " in told
    lines = iter(without_seconds(told))
    assert [line for line in without_seconds(documented()) if line not in lines] == []  # all, and in this order
    assert code == SEEN


def test_a_doctor_who_says_something_else_fails_the_drill(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.drill.runner.DOCTOR_SECONDS", 1.0)
    with serving(FakeApiServer(cluster("oom-killed"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        assert drill("oom-killed", doctor=always("liveness-failing")) == NOT_SEEN
    told = capsys.readouterr().out
    assert "  liveness-failing; asked again for up to 1 s ..." in told
    assert "The doctor does NOT name the cause that was expected, out-of-memory." in told
    assert "Healthy again." in told


def test_what_is_not_seen_and_a_doctor_without_an_answer_fail_the_drill(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(context: str) -> Opinion:
        raise DrillError("the doctor can read nothing")

    with serving(FakeApiServer(cluster("healthy"))) as fake:  # where a fault makes no difference
        kubeconfig.write(config, fake.port, CONTEXT)
        assert main(["crash-wrong-entry", "--timeout", "0.1"], ask=silent, poll=0.02) == NOT_SEEN
    told = capsys.readouterr().out
    assert "NOT seen within 0.1 s: event, last exit, status, waiting." in told
    assert "the doctor can read nothing" in told
    assert "Healthy again." in told
    assert "NOT as expected" in told


def test_a_workload_that_never_gets_healthy_is_not_broken_further(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(FakeApiServer()) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        assert drill("crash-wrong-entry", "--timeout", "0.1") == NOT_SEEN
        assert image(fake) == HEALTHY_IMAGE
    assert "did not get healthy" in capsys.readouterr().err


def test_what_a_fault_added_is_deleted(config: Path) -> None:
    with serving(FakeApiServer(cluster("pod-security-rejected"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        drill("quota-exceeded", "--timeout", "0.1")
        assert "POST /api/v1/namespaces/default/resourcequotas" in fake.changes
        assert fake.named("resourcequotas", "cifar10-quota") is None


def test_evicted_pods_are_removed(config: Path) -> None:
    with serving(FakeApiServer(cluster("evicted-empty-dir"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        assert drill("evicted-empty-dir") == SEEN
        phases = [each["status"]["phase"] for (resource, *_), each in fake.objects.items() if resource == "pods"]
    assert phases == ["Running"]
    assert len([each for each in fake.changes if each.startswith("DELETE") and "/pods/" in each]) == 2


def test_a_namespace_loses_the_label_and_stays(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeApiServer(cluster("pod-security-rejected"))) as fake:
        fake.put("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        kubeconfig.write(config, fake.port, CONTEXT)
        assert drill("pod-security-rejected") == SEEN
        namespace = fake.named("namespaces", "default", namespace="")
    assert "PATCH /api/v1/namespaces/default" in fake.changes
    assert namespace is not None
    assert not namespace["metadata"].get("labels")


def test_what_was_there_in_place_of_what_a_fault_adds_is_put_back(config: Path) -> None:
    with serving(FakeApiServer(cluster("healthy"))) as fake:
        policy = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "cifar10-network-policy", "namespace": "default"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        }
        applied = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(policy)}}
        fake.put("networkpolicies", policy | {"metadata": {**policy["metadata"], **applied}})  # type: ignore[dict-item]
        kubeconfig.write(config, fake.port, CONTEXT)
        assert drill("network-policy-blocks-scrapes", doctor=always("network-policy-blocks-scrapes")) == SEEN
        found = fake.named("networkpolicies", "cifar10-network-policy")
    assert len([each for each in fake.changes if each.startswith("PATCH") and "networkpolicies" in each]) == 2
    assert found is not None
    assert found["spec"] == policy["spec"]


def test_what_could_not_be_put_back_is_not_replaced(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeApiServer(cluster("healthy"))) as fake:
        metadata = {"name": "cifar10-quota", "namespace": "default"}
        fake.put("resourcequotas", {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {}})
        kubeconfig.write(config, fake.port, CONTEXT)
        assert drill("quota-exceeded") == NOT_SEEN
        assert fake.changes == []
    assert "resourcequota/cifar10-quota is there" in capsys.readouterr().err


def test_kept_the_fault_stays_and_its_end_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeApiServer(cluster("image-tag-not-found"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        assert drill("image-tag-not-found", "--keep") == SEEN
        assert image(fake) != HEALTHY_IMAGE
    assert "To end it:\n  kubectl apply -k k8s/overlays/local\n" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_drill_mends_what_it_broke(config: Path, number: signal.Signals) -> None:
    with serving(FakeApiServer(cluster("healthy"))) as fake:  # so that it waits for what never comes
        kubeconfig.write(config, fake.port, CONTEXT)
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


def test_a_drill_that_nobody_reads_mends_what_it_broke(config: Path) -> None:
    with serving(FakeApiServer(cluster("healthy"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
        assert unread("k8s.drill", "image-tag-not-found", "--timeout", "0.1") == (NOT_SEEN, "")
        patches = [each for each in fake.changes if each.startswith("PATCH") and NAME in each]
        assert len(patches) == 2  # the fault, and what ends it
        assert image(fake) == HEALTHY_IMAGE


def test_a_drill_leaves_the_signals_of_its_process_alone(config: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with serving(FakeApiServer(cluster("healthy"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
    assert drill("oom-killed") == NOT_SEEN
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_context_that_does_not_look_local_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeApiServer(cluster("oom-killed"))) as fake:
        kubeconfig.write(config, fake.port, "production", CONTEXT)
        assert drill("oom-killed") == REFUSED
        assert fake.changes == []
    assert "production, does not look like a cluster on this machine" in capsys.readouterr().err


def test_a_context_that_is_named_is_used_whatever_it_is_called(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(FakeApiServer(cluster("oom-killed"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT, "staging")
        assert drill("oom-killed", "--context", "staging") == SEEN
    assert "Context staging," in capsys.readouterr().out


def test_a_cluster_that_does_not_answer_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeApiServer(cluster("healthy"))) as fake:
        kubeconfig.write(config, fake.port, CONTEXT)
    assert drill("oom-killed") == NOT_SEEN
    assert "refused" in capsys.readouterr().err
