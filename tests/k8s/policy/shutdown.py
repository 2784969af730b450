"""Durations of a shutdown that loses no request."""

from collections.abc import Iterator

from service.settings import Settings
from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import CONTAINER, DELETE, ENV, SPEC, mutants, rule

SLACK_SECONDS = 5


def _pause(manifests: Manifests) -> int:
    hook = manifests.container.get("lifecycle", {}).get("preStop", {})
    return int(hook.get("sleep", {}).get("seconds", 0))


PAUSE = CONTAINER + "lifecycle.preStop.sleep.seconds"


@rule(mutants((CONTAINER + "lifecycle", DELETE), (PAUSE, 1)))
def endpoints_are_removed_before_sigterm(manifests: Manifests) -> Iterator[str]:
    if _pause(manifests) < manifests.container["readinessProbe"]["periodSeconds"]:
        yield f"preStop sleeps {_pause(manifests)} s, less than the period of the readiness probe"


@rule(mutants((ENV + "-", {"name": "PREDICTOR_DRAIN_SECONDS", "value": "0"})))
def kept_alive_connections_are_closed_gracefully(manifests: Manifests) -> Iterator[str]:
    if Settings.from_env(manifests.environment()).drain_seconds < 1:
        yield "without a drain, kept-alive connections end without Connection: close"


@rule(mutants((ENV + "-", {"name": "PREDICTOR_DRAIN_SECONDS", "value": "10"})))
def the_drain_does_not_wait_for_endpoints_again(manifests: Manifests) -> Iterator[str]:
    if Settings.from_env(manifests.environment()).drain_seconds > _pause(manifests):
        yield "the drain is longer than preStop, which has already waited for the endpoints"


@rule(
    mutants(
        (SPEC + "terminationGracePeriodSeconds", 30),
        (PAUSE, 15),
        (ENV + "-", {"name": "PREDICTOR_GRACE_SECONDS", "value": "60"}),
    )
)
def the_grace_period_covers_the_whole_shutdown(manifests: Manifests) -> Iterator[str]:
    needed = _pause(manifests) + Settings.from_env(manifests.environment()).longest_stop_seconds + SLACK_SECONDS
    if manifests.pod.get("terminationGracePeriodSeconds", 30) < needed:
        yield f"a shutdown may take {needed:g} s"
