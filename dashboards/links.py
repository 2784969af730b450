"""Links to the other dashboards and to runbooks."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

RUNBOOKS = "https://example.com/cifar10-serving/runbooks/"
"""A placeholder; ``--runbooks`` replaces it."""

TAG = "cifar10"


def to_dashboards() -> DashboardLink:
    """Links to dashboards with the same tag; they keep variables and time range."""
    return (
        DashboardLink("cifar10")
        .type(dashboard.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .include_vars(True)
        .keep_time(True)
    )


def to_runbooks(alerts: Sequence[str]) -> list[Builder[dashboard.DashboardLink]]:
    """Links to the runbooks of these alerts."""
    return [
        DashboardLink(f"Runbook of {alert}")
        .type(dashboard.DashboardLinkType.LINK)
        .url(f"{RUNBOOKS}{alert}.md")
        .target_blank(True)
        for alert in alerts
    ]
