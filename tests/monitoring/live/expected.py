"""The alerts that the play must cause: every shipped alert, with its namespace."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.monitoring.configuration import rules
from tests.monitoring.live.cluster import EMPTY, ILL
from tests.monitoring.live.fleet import DRIFTED, GONE, LATE, OVERLOADED, ROLLOUT

WHERE: Mapping[str, str] = {
    "Cifar10AvailabilityBudgetBurn": LATE,
    "Cifar10LatencyBudgetBurn": DRIFTED,
    "Cifar10Down": GONE,
    "Cifar10TargetDown": ROLLOUT,
    "Cifar10NotReady": ROLLOUT,
    "Cifar10QueueSaturated": OVERLOADED,
    "Cifar10Shedding": OVERLOADED,
    "Cifar10DeadlinesMissed": LATE,
    "Cifar10RefusalsHigh": LATE,
    "Cifar10WorkerReplaced": LATE,
    "Cifar10ModelVersionSkew": ROLLOUT,
    "Cifar10GoldenImagesFailing": ROLLOUT,
    "Cifar10LowConfidence": DRIFTED,
    "Cifar10PredictionDrift": DRIFTED,
    "Cifar10FeatureDrift": DRIFTED,
    "Cifar10LiveAccuracyLow": DRIFTED,
    "Cifar10SpansDropped": DRIFTED,
    "Cifar10SpanExportFailing": DRIFTED,
    "Cifar10NoReadyReplicas": EMPTY,
    **dict.fromkeys(
        (
            "Cifar10ImagePullFailing", "Cifar10CrashLooping", "Cifar10ConfigError", "Cifar10OOMKilled",
            "Cifar10Restarting", "Cifar10RolloutStuck", "Cifar10RunningNotReady", "Cifar10PodUnschedulable",
            "Cifar10MemoryNearLimit", "Cifar10CPUThrottled", "Cifar10HpaMaxedOut", "Cifar10PdbBlocked",
            "Cifar10ScrapeGap", "Cifar10SeriesNearLimit",
        ),
        ILL,
    ),
    "Watchdog": "",
}  # fmt: skip
"""The namespace in which each alert must fire; the last group is caused by simulated metrics."""

SLOW = {"2h", "6h"}
"""Short windows of burn rate alerts that last minutes here too; the end of these alerts is not awaited."""


@dataclass(frozen=True)
class Alert:
    """An alerting rule, identified by all its labels."""

    labels: Mapping[str, str]
    waits: bool

    @property
    def name(self) -> str:
        return "-".join([self.labels["alertname"], *([self.labels["long"]] if "long" in self.labels else [])])

    @property
    def ends(self) -> bool:
        return self.labels["alertname"] != "Watchdog" and self.labels.get("short") not in SLOW

    @property
    def held(self) -> bool:
        """Whether it is inhibited by the critical alert of its name."""
        return self.labels.get("short") in SLOW

    @property
    def receiver(self) -> str | None:
        if self.labels["alertname"] == "Watchdog":
            return "deadmans-switch"
        return {"critical": "page", "warning": "ticket"}.get(self.labels["severity"])

    def selector(self, **more: str) -> str:
        return "ALERTS{" + ",".join(f'{name}="{value}"' for name, value in {**self.labels, **more}.items()) + "}"


def alerts() -> list[Alert]:
    """Every shipped alert, with the namespace in which it must fire."""
    found = []
    for rule in rules():
        if name := rule.get("alert"):
            namespace = {"namespace": WHERE[name]} if WHERE[name] else {}
            found.append(Alert({"alertname": name, **rule["labels"], **namespace}, waits="for" in rule))
    return found
