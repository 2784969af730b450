"""Which alerts fire: the first thing to look at on every dashboard, and the last."""

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
        "Alerts firing", "Critical and warning alerts of the whole service, whatever this dashboard is about.", "none",
        now(
            "count(max by (alertname, severity, namespace, pod) "
            '(ALERTS{alert,alertstate="firing",severity=~"critical|warning"})) or vector(0)',
            "alerts",
        ),
        above(1), words={0: ("none", GOOD)},
    )  # fmt: skip


def alerts(names: str = "") -> Row:
    """The alerts whose name matches the expression ``names``, or all; as wide as they need to be told apart."""
    return Row("Alerts", [_alert_list(names)])


def _alert_list(names: str) -> table.Panel:
    """A name leads to its runbook."""
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
            absent="nothing fires, nothing is pending", widths={"state": 90, "severity": 90},
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
