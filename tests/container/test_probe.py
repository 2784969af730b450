import pytest

from tests.container.probe import Probe, Readiness
from tests.k8s.manifests import K8S, read

PROBE = Probe("/readyz", failure_threshold=2, success_threshold=3)


def states(answers: str) -> str:
    """``+`` is a probe that passes; ``R`` is Ready."""
    readiness, found = Readiness(PROBE), ""
    for answer in answers:
        readiness.answered(answer == "+")
        found += "R" if readiness.ready else "."
    return found


@pytest.mark.parametrize(
    ("answers", "expected"),
    [("-----", "....."), ("++-+++", ".....R"), ("+++-+-+", "..RRRRR"), ("+++--+++", "..RR...R")],
)
def test_a_pod_changes_its_state_after_enough_answers_in_a_row(answers: str, expected: str) -> None:
    assert states(answers) == expected


def test_the_manifests_probe_is_read_whole() -> None:
    probe = Probe.read(read(K8S / "base" / "cifar10-deployment.yaml").container["readinessProbe"])
    assert probe == Probe("/readyz", period_seconds=5, timeout_seconds=2, failure_threshold=2, success_threshold=1)
