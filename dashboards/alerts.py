"""Which alerts fire: the first thing to look at on every dashboard, and the last."""

from grafana_foundation_sdk.builders import stat, table
from grafana_foundation_sdk.builders.common import TableSortByFieldState
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.colors import GOOD, above
from dashboards.links import RUNBOOKS
from dashboards.panels.tables import listing
from dashboards.panels.values import stat_of
from dashboards.promql import now, rows


def firing() -> stat.Panel:
    return stat_of(
        "Alerts firing", "Critical and warning alerts of the whole service, whatever this dashboard is about.", "none",
        now('count(ALERTS{alert,alertstate="firing",severity=~"critical|warning"}) or vector(0)', "alerts"),
        above(1), words={0: ("none", GOOD)},
    )  # fmt: skip


def alert_list(names: str = "") -> table.Panel:
    """The alerts whose name matches the expression ``names``, or all; a name leads to its runbook."""
    matchers = f',alertname=~"{names}"' if names else ""
    runbook = {"title": "Runbook", "url": RUNBOOKS + "${__value.text}.md", "targetBlank": True}
    return (
        listing(
            "Alerts", "What fires, or will if it lasts (pending). A name leads to its runbook.",
            rows(
                "max by (alertname, alertstate, severity, namespace, pod) "
                f'(ALERTS{{alert,severity!="none"{matchers}}})'
            ),
            columns={
                "alertname": "alert", "alertstate": "state", "severity": "severity", "namespace": "namespace",
                "pod": "pod",
            },
            absent="nothing fires, nothing is pending",
        )
        .override_by_name("alert", [DynamicConfigValue("links", [runbook])])
        .sort_by([TableSortByFieldState().display_name("state")])
    )  # fmt: skip
