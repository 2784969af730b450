"""Whole drills, with the real kubectl and a fake API server that replays a recording."""

import re
import signal
from pathlib import Path

import pytest

from k8s.drill import table
from k8s.drill.__main__ import NOT_SEEN, REFUSED, SEEN, main
from k8s.drill.cluster import DrillError
from k8s.drill.doctor import Opinion
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving, write_kubeconfig
from tests.k8s.drill.play import CONTEXT, HEALTHY_IMAGE, drill, image, played

pytestmark = pytest.mark.timeout(300)

SCRIPT = "import sys; from k8s.drill.__main__ import main; sys.exit(main(sys.argv[1:], poll=0.05))"


def documented() -> str:
    """The drill's output in docs/troubleshooting.md, without omitted lines."""
    page = table.DOCUMENT.read_text()
    return page.partition("$ make drill NAME=image-tag-not-found\n")[2].partition("```")[0].replace("…\n", "")


def without_seconds(text: str) -> list[str]:
    return re.sub(r"^ +\d+ s ", "", text, flags=re.MULTILINE).splitlines()


def test_a_drill_applies_the_fault_checks_its_signals_and_restores_the_workload(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with played(config, "image-tag-not-found") as fake:
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
        "The doctor names the expected cause, image-not-found.",
        "Fix: kubectl rollout undo deployment/cifar10-deployment",
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


def test_another_diagnosis_fails_the_drill(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.drill.runner.DOCTOR_SECONDS", 1.0)
    with played(config, "oom-killed"):
        assert drill("oom-killed", doctor=lambda _: Opinion(("liveness-failing",), "")) == NOT_SEEN
    told = capsys.readouterr().out
    assert "  liveness-failing; asking again for up to 1 s ..." in told
    assert "The doctor does NOT name the expected cause, out-of-memory." in told
    assert "Healthy again." in told


def test_missing_signals_and_a_failing_doctor_fail_the_drill(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def silent(context: str) -> Opinion:
        raise DrillError("the doctor cannot read the cluster")

    with played(config, "healthy"):  # where a fault makes no difference
        assert main(["crash-wrong-entry", "--timeout", "0.1"], ask=silent, poll=0.02) == NOT_SEEN
    told = capsys.readouterr().out
    assert "NOT seen within 0.1 s: event, last exit, status, waiting." in told
    assert "the doctor cannot read the cluster" in told
    assert "Healthy again." in told
    assert "NOT as expected" in told


def test_a_fault_is_not_applied_to_an_unhealthy_workload(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeApiServer()) as fake:
        write_kubeconfig(config, fake.port, CONTEXT)
        assert drill("crash-wrong-entry", "--timeout", "0.1") == NOT_SEEN
        assert image(fake) == HEALTHY_IMAGE
    assert "did not become healthy" in capsys.readouterr().err


def test_keep_leaves_the_fault_and_prints_how_to_remove_it(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with played(config, "image-tag-not-found") as fake:
        assert drill("image-tag-not-found", "--keep") == SEEN
        assert image(fake) != HEALTHY_IMAGE
    assert "To remove it:\n  kubectl apply -k k8s/overlays/local\n" in capsys.readouterr().out


def test_a_drill_restores_the_signal_handlers(config: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with played(config, "healthy"):
        pass
    assert drill("oom-killed") == NOT_SEEN
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_context_that_does_not_look_local_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with played(config, "oom-killed", "production", CONTEXT) as fake:
        assert drill("oom-killed") == REFUSED
        assert fake.changes == []
    assert "production, does not look like a local cluster" in capsys.readouterr().err


def test_a_named_context_is_used_even_if_it_does_not_look_local(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with played(config, "oom-killed", CONTEXT, "staging"):
        assert drill("oom-killed", "--context", "staging") == SEEN
    assert "Context staging," in capsys.readouterr().out


def test_an_unreachable_cluster_is_reported(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with played(config, "healthy"):
        pass
    assert drill("oom-killed") == NOT_SEEN
    assert "refused" in capsys.readouterr().err
