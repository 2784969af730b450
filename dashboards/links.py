"""Where a reader may want to go next."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

RUNBOOKS = "https://example.com/cifar10-serving/runbooks/"
"""A placeholder, as nobody knows where a team serves its runbooks; ``--runbooks`` replaces it."""

TAG = "cifar10"


def to_dashboards() -> DashboardLink:
    """Those with the same tag, with the same variables and the same time."""
    return (
        DashboardLink("cifar10")
        .type(dashboard.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .include_vars(True)
        .keep_time(True)
    )


def to_runbooks(alerts: Sequence[str]) -> list[Builder[dashboard.DashboardLink]]:
    """The links of a panel that shows what these alerts watch."""
    return [
        DashboardLink(f"Runbook of {alert}")
        .type(dashboard.DashboardLinkType.LINK)
        .url(f"{RUNBOOKS}{alert}.md")
        .target_blank(True)
        for alert in alerts
    ]
