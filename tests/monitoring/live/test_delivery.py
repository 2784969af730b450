"""A real Alertmanager with the shipped configuration: receivers, grouping, repetition and inhibition."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.server import eventually
from tests.monitoring.live import alertmanager, sink
from tests.monitoring.live.alertmanager import Alertmanager
from tests.monitoring.live.sink import Sink

CAUSES = ("Cifar10ImagePullFailing", "Cifar10OOMKilled", "Cifar10ConfigError")
CONSEQUENCES = ("Cifar10CrashLooping", "Cifar10RunningNotReady", "Cifar10Restarting")
SYMPTOMS = ("Cifar10AvailabilityBudgetBurn", "Cifar10LatencyBudgetBurn", "Cifar10NotReady", "Cifar10TargetDown")

PAIRS = [
    (("Cifar10AvailabilityBudgetBurn", "critical"), ("Cifar10AvailabilityBudgetBurn", "warning")),
    *((("Cifar10Down", "critical"), (symptom, "warning")) for symptom in SYMPTOMS),
    *((("Cifar10NoReadyReplicas", "critical"), (symptom, "critical")) for symptom in SYMPTOMS[:2]),
    *(((cause, "warning"), (effect, "warning")) for cause, effect in itertools.product(CAUSES, CONSEQUENCES)),
    (("Cifar10RolloutStuck", "warning"), ("Cifar10CPUThrottled", "info")),
]


@pytest.fixture(scope="module")
def webhook() -> Iterator[Sink]:
    with sink.listening() as webhook:
        yield webhook


@pytest.fixture(scope="module")
def delivery(
    require_tool: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory, webhook: Sink
) -> Iterator[Alertmanager]:
    executable = require_tool("prometheus-alertmanager", "prometheus-alertmanager")
    with alertmanager.running(executable, tmp_path_factory.mktemp("delivery"), webhook) as delivery:
        yield delivery


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> str:
    """A namespace per test, so that alerts of tests are neither grouped nor inhibited together."""
    return str(request.node.name)


def alert(name: str, severity: str, **labels: str) -> dict[str, Any]:
    return {"labels": {"alertname": name, "severity": severity, "service": "cifar10", **labels}}


def over(alert: dict[str, Any]) -> dict[str, Any]:
    return {**alert, "endsAt": datetime.now(UTC).isoformat()}


@pytest.mark.parametrize(
    ("name", "severity", "receiver"),
    [("Cifar10NoReadyReplicas", "critical", "page"), ("Cifar10ScrapeGap", "warning", "ticket")],
)
def test_an_alert_is_delivered_by_its_severity_and_so_is_its_end(
    delivery: Alertmanager, webhook: Sink, namespace: str, name: str, severity: str, receiver: str
) -> None:
    delivery.post(alert(name, severity, namespace=namespace))
    eventually(lambda: webhook.received("firing", namespace=namespace), what="the delivery")
    delivery.post(over(alert(name, severity, namespace=namespace)))
    eventually(lambda: webhook.received("resolved", namespace=namespace), within=40, what="the delivery of the end")
    assert webhook.receivers("firing", namespace=namespace) == {receiver}
    assert webhook.receivers("resolved", namespace=namespace) == {receiver}


def test_pods_with_the_same_trouble_make_one_message(delivery: Alertmanager, webhook: Sink, namespace: str) -> None:
    pods = {f"pod-{number}" for number in range(5)}
    delivery.post(*(alert("Cifar10CrashLooping", "warning", namespace=namespace, pod=pod) for pod in pods))
    delivery.post(alert("Cifar10RolloutStuck", "warning", namespace=namespace))
    eventually(
        lambda: webhook.received("firing", namespace=namespace, alertname="Cifar10RolloutStuck"), what="the delivery"
    )
    eventually(
        lambda: webhook.received("firing", namespace=namespace, alertname="Cifar10CrashLooping"), what="the delivery"
    )
    (message,) = webhook.received("firing", namespace=namespace, alertname="Cifar10CrashLooping")
    assert message.group == {"alertname": "Cifar10CrashLooping", "namespace": namespace}
    assert {each["pod"] for each in message.labels("firing")} == pods


def test_the_watchdog_keeps_the_dead_mans_switch_awake(delivery: Alertmanager, webhook: Sink) -> None:
    delivery.post(alert("Watchdog", "none"))
    eventually(lambda: len(webhook.received("firing", alertname="Watchdog")) >= 4, within=40, what="the repetition")
    assert webhook.receivers("firing", alertname="Watchdog") == {"deadmans-switch"}


@pytest.fixture(scope="module")
def pairs(delivery: Alertmanager) -> None:
    """All pairs at once, each in its own namespace."""
    for source, target in PAIRS:
        labels = {"namespace": named(source, target), "pod": "pod-1"}
        delivery.post(alert(*source, **labels), alert(*target, **labels))


def named(source: tuple[str, str], target: tuple[str, str]) -> str:
    return "-".join((*source, *target))


@pytest.mark.usefixtures("pairs")
@pytest.mark.parametrize(("source", "target"), PAIRS, ids=lambda pair: "-".join(pair))
def test_an_alert_inhibits_the_other(
    delivery: Alertmanager, webhook: Sink, source: tuple[str, str], target: tuple[str, str]
) -> None:
    told = {"alertname": source[0], "severity": source[1], "namespace": named(source, target)}
    held = {"alertname": target[0], "severity": target[1], "namespace": named(source, target)}
    eventually(lambda: delivery.inhibited(**held), what="the inhibition")
    eventually(lambda: webhook.received("firing", **told), what="the delivery")
    assert webhook.received("firing", **held) == []


@pytest.mark.parametrize("difference", ["namespace", "pod"])
def test_an_alert_elsewhere_is_not_inhibited(
    delivery: Alertmanager, webhook: Sink, namespace: str, difference: str
) -> None:
    labels = {"namespace": namespace, "pod": "pod-1"}
    elsewhere = {**labels, difference: f"{namespace}-other"}
    delivery.post(alert("Cifar10OOMKilled", "warning", **labels), alert("Cifar10CrashLooping", "warning", **elsewhere))
    eventually(lambda: webhook.received("firing", alertname="Cifar10CrashLooping", **elsewhere), what="the delivery")


def test_causes_are_delivered_while_nothing_is_ready(delivery: Alertmanager, webhook: Sink, namespace: str) -> None:
    delivery.post(
        alert("Cifar10NoReadyReplicas", "critical", namespace=namespace),
        alert("Cifar10ImagePullFailing", "warning", namespace=namespace, pod="pod-1"),
    )
    eventually(lambda: webhook.received("firing", alertname="Cifar10ImagePullFailing", namespace=namespace))


def test_informational_alerts_are_not_delivered(delivery: Alertmanager, webhook: Sink, namespace: str) -> None:
    delivery.post(alert("Cifar10SeriesNearLimit", "info", namespace=namespace))
    delivery.post(alert("Cifar10ScrapeGap", "warning", namespace=f"{namespace}-other"))
    eventually(lambda: webhook.received("firing", namespace=f"{namespace}-other"), what="the delivery of another")
    assert webhook.received("firing", namespace=namespace) == []
