"""The same fault is told whatever container runtime, registry and Kubernetes version word it."""

import pytest

from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import diagnose
from k8s.doctor.finding import Finding
from tests.k8s.doctor.snapshots.draft import Draft
from tests.k8s.doctor.snapshots.texts import PULLS, STARTS


def verdict(draft: Draft) -> Finding:
    (found,) = diagnose(Cluster(draft.snapshot()))
    return found.verdict


@pytest.mark.parametrize("message", PULLS)
def test_a_refused_pull_is_told_from_the_waiting_message(message: str) -> None:
    draft = Draft("image-tag-not-found").without_events()
    draft.waiting("ImagePullBackOff", f'Back-off pulling image "docker.io/library/web:v9": ErrImagePull: {message}')
    assert verdict(draft).cause == PULLS[message]


@pytest.mark.parametrize("message", PULLS)
def test_a_refused_pull_is_told_from_its_event_before_1_32(message: str) -> None:
    draft = Draft("image-tag-not-found").without_events()
    draft.waiting("ImagePullBackOff", 'Back-off pulling image "docker.io/library/web:v9"')
    draft.event(
        "Failed", f'Failed to pull image "docker.io/library/web:v9": rpc error: code = Unknown desc = {message}'
    )
    draft.event("Failed", "Error: ImagePullBackOff")
    assert verdict(draft).cause == PULLS[message]


@pytest.mark.parametrize("message", STARTS)
def test_a_refused_start_is_told_from_the_last_state(message: str) -> None:
    draft = Draft("crash-missing-executable").without_events().ended(128, "StartError", message=message)
    assert verdict(draft).cause == STARTS[message]


@pytest.mark.parametrize("message", STARTS)
def test_a_refused_start_is_told_from_the_waiting_message(message: str) -> None:
    draft = Draft("crash-missing-executable").without_events().waiting("RunContainerError", message)
    draft.status["lastState"] = {}
    assert verdict(draft).cause == STARTS[message]


def test_docker_says_container_cannot_run() -> None:
    message = 'OCI runtime create failed: exec: "gunicron": executable file not found in $PATH: unknown'
    draft = Draft("crash-missing-executable").without_events().ended(127, "ContainerCannotRun", message=message)
    found = verdict(draft)
    assert found.cause == "executable-not-found"
    assert "gunicron" in found.sentence
