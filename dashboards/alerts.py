"""The firing alerts, at the top and at the bottom of every dashboard."""

from grafana_foundation_sdk.builders import stat, table
from grafana_foundation_sdk.builders.common import TableSortByFieldState
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, ValueMap, ValueMappingResult

from dashboards.board import Row
from dashboards.colors import BAD, GOOD, LOOK, NEUTRAL, above
from dashboards.links import RUNBOOKS
from dashboards.panels.tables import listing
from dashboards.panels.values import stat_of
from dashboards.promql import now, rows


def firing() -> stat.Panel:
    return stat_of(
        "Alerts firing", "Critical and warning alerts of the whole service.", "none",
        now(
            "count(max by (alertname, severity, namespace, pod) "
            '(ALERTS{alert,alertstate="firing",severity=~"critical|warning"})) or vector(0)',
            "alerts",
        ),
        above(1), words={0: ("none", GOOD)},
    )  # fmt: skip


def alerts(names: str = "") -> Row:
    """A table of the alerts whose name matches the regular expression ``names``; without it, of all."""
    return Row("Alerts", [_alert_list(names)])


def _alert_list(names: str) -> table.Panel:
    """Names link to runbooks."""
    matchers = f',alertname=~"{names}"' if names else ""
    runbook = {"title": "Runbook", "url": RUNBOOKS + "${__value.text}.md", "targetBlank": True}
    return (
        listing(
            "Alerts", "Firing and pending alerts. Names link to runbooks.",
            rows(
                "max by (alertname, alertstate, severity, namespace, pod) "
                f'(ALERTS{{alert,severity!="none"{matchers}}})'
            ),
            columns={
                "alertname": "alert", "alertstate": "state", "severity": "severity", "namespace": "namespace",
                "pod": "pod",
            },
            absent="none firing or pending", widths={"state": 90, "severity": 90},
        )
        .override_by_name("alert", [DynamicConfigValue("links", [runbook])])
        .override_by_name(
            "severity",
            [
                DynamicConfigValue("mappings", _severities()),
                DynamicConfigValue("custom.cellOptions", {"type": "color-text"}),
            ],
        )
        .sort_by([TableSortByFieldState().display_name("state"), TableSortByFieldState().display_name("severity")])
    )  # fmt: skip


def _severities() -> list[ValueMap]:
    colors = {"critical": BAD, "warning": LOOK, "info": NEUTRAL}
    return [ValueMap({name: ValueMappingResult(name, color) for name, color in colors.items()})]
