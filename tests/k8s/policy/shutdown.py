"""The arithmetic of a stop without a lost request."""

from collections.abc import Iterator

from service.settings import Settings
from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import rule

SLACK_SECONDS = 5


def _pause(manifests: Manifests) -> int:
    hook = manifests.container.get("lifecycle", {}).get("preStop", {})
    return int(hook.get("sleep", {}).get("seconds", 0))


@rule
def endpoints_are_gone_before_the_server_is_told(manifests: Manifests) -> Iterator[str]:
    if _pause(manifests) < manifests.container["readinessProbe"]["periodSeconds"]:
        yield f"new connections may still come {_pause(manifests)} s after the endpoint was withdrawn"


@rule
def kept_alive_connections_are_told_to_end(manifests: Manifests) -> Iterator[str]:
    if Settings.from_env(manifests.environment()).drain_seconds < 1:
        yield "with no drain, a kept-alive connection ends without a Connection: close"


@rule
def the_pause_and_the_drain_are_not_the_same_wait_twice(manifests: Manifests) -> Iterator[str]:
    if Settings.from_env(manifests.environment()).drain_seconds > _pause(manifests):
        yield "the pause has waited for the endpoints already; the drain only ends connections"


@rule
def nothing_is_killed_while_it_may_still_finish(manifests: Manifests) -> Iterator[str]:
    needed = _pause(manifests) + Settings.from_env(manifests.environment()).longest_stop_seconds + SLACK_SECONDS
    if manifests.pod.get("terminationGracePeriodSeconds", 30) < needed:
        yield f"a stop may take {needed:g} s"
