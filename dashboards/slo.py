"""The SLO dashboard: objectives, error budgets and burn rates."""

from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards import variables
from dashboards.alerts import alerts, firing
from dashboards.annotations import ALERTS, MODEL, RELEASE
from dashboards.board import Row, board
from dashboards.colors import BAD, GOOD, LOOK, NEUTRAL, above, below
from dashboards.limits import BURN_RATES, OBJECTIVES, SLOW_SECONDS
from dashboards.panels.graphs import graph
from dashboards.panels.tables import listing, values
from dashboards.panels.values import stat_of
from dashboards.promql import now, over_time, rows

OBJECTIVE_TEXTS = {
    "availability": "99.5 % of the prediction requests succeed; 5xx and 429 are failures.",
    "latency": "99 % of the predictions take at most 250 ms.",
}
DURATION = "http_server_request_duration_seconds"
PREDICT = 'service,http_route="/predict"'
BURN_ALERTS = {"availability": "Cifar10AvailabilityBudgetBurn", "latency": "Cifar10LatencyBudgetBurn"}
WINDOWS = {"5m": "1h", "30m": "6h", "1h": "1h", "2h": "1d", "6h": "6h", "1d": "1d", "3d": "3d", "30d": "3d"}
"""By window, the long window of its alert; 6h is also the short window of another alert."""


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-slo", "CIFAR-10 / Objectives and error budget",
        "Availability and latency over 30 days, remaining error budgets, and burn rates.",
        [_glance(), _budgets(), _burning(), _causes(), alerts(".*BudgetBurn")],
        variables=variables.of_fleet(), marks=[RELEASE, MODEL, ALERTS], since="now-30d", refresh="5m",
    )  # fmt: skip


def _glance() -> Row:
    panels = [firing()]
    for slo, text in OBJECTIVE_TEXTS.items():
        panels += [
            stat_of(
                slo.capitalize(), f"Over 30 days. {text}", "percentunit",
                now(f'1 - max(job:cifar10_slo_errors_per_request:ratio_rate30d{{service,slo="{slo}"}})', slo),
                below(OBJECTIVES[slo]), absent="no traffic yet",
            ).decimals(2),
            stat_of(
                f"{slo.capitalize()} budget left", "Remaining share of the 30-day error budget; red when it is spent.",
                "percentunit", now(f'min(job:cifar10_slo_error_budget_remaining:ratio{{service,slo="{slo}"}})', "left"),
                below(0, look=0.25), alerts=[BURN_ALERTS[slo]], absent="no traffic yet",
            ).decimals(0),
        ]  # fmt: skip
    panels.append(
        stat_of(
            "Burn rate",
            "Error rate of the last hour divided by the rate the objective allows; the higher of the two objectives.",
            "short", now(f"max({_burn('1h')})", "burn rate"), above(BURN_RATES["1h"], BURN_RATES["3d"]),
            alerts=[*BURN_ALERTS.values()], absent="no traffic yet",
        ).decimals(1)
    )  # fmt: skip
    return Row("At a glance", panels, height=4)


def _budgets() -> Row:
    panels = [
        graph(
            "Error budget left",
            "Remaining share of the 30-day error budget. It grows when errors leave the 30-day window.", "percentunit",
            over_time("job:cifar10_slo_error_budget_remaining:ratio{service}", "{{slo}} {{namespace}}"),
            limits=below(0), alerts=[*BURN_ALERTS.values()], from_zero=False,
        ).axis_soft_min(0).axis_soft_max(1),
        graph(
            "Compliance",
            "Share of the requests of the last 30 days that met the objective. The lines are the objectives.",
            "percentunit",
            over_time("1 - job:cifar10_slo_errors_per_request:ratio_rate30d{service}", "{{slo}} {{namespace}}"),
            limits=[(None, BAD), (OBJECTIVES["latency"], LOOK), (OBJECTIVES["availability"], GOOD)],
            from_zero=False,
        ).axis_soft_min(0.98).axis_soft_max(1),
    ]  # fmt: skip
    return Row("Budgets", panels)


def _burning() -> Row:
    panels = [
        graph(
            f"Burn rate, {slo}",
            "Error rate divided by the rate the objective allows; the highest of all services. An alert fires when a "
            "long window and its short window are above the threshold: "
            + ", ".join(f"{window} above {rate:g}" for window, rate in BURN_RATES.items()) + ".", "short",
            *(over_time(f"max({_burn(window, slo)})", window) for window in BURN_RATES),
            limits=[(None, GOOD), *((rate, BAD if rate > 3 else LOOK) for rate in sorted(BURN_RATES.values()))],
            alerts=[BURN_ALERTS[slo]],
        )
        for slo in OBJECTIVES
    ]  # fmt: skip
    table = listing(
        "Burn rates now", "By window; red above the threshold of the window's alert.",
        *(rows(f"max by (slo) ({_burn(window)})") for window in WINDOWS),
        join="slo", alerts=[*BURN_ALERTS.values()],
        columns={"slo": "objective"} | dict(zip(values(len(WINDOWS)), WINDOWS, strict=True)), absent="no traffic yet",
        widths={"objective": 90},
    ).decimals(2)  # fmt: skip
    for window, alert in WINDOWS.items():
        limits = [{"value": None, "color": GOOD}, {"value": BURN_RATES[alert], "color": BAD}]
        table.override_by_name(
            window,
            [
                DynamicConfigValue("thresholds", {"mode": "absolute", "steps": limits}),
                DynamicConfigValue("custom.cellOptions", {"type": "color-background"}),
            ],
        )
    return Row("Burn rates", [*panels, table], widths=[7, 7, 10])


def _causes() -> Row:
    panels = [
        graph(
            "Requests", "Prediction requests per second, and those that failed or were slow.", "reqps",
            over_time('sum(job:cifar10_slo_requests:rate5m{service,slo="availability"})', "all"),
            over_time('sum(job:cifar10_slo_errors:rate5m{service,slo="availability"})', "failed"),
            over_time('sum(job:cifar10_slo_errors:rate5m{service,slo="latency"})', "slow"),
            colors={"all": NEUTRAL, "failed": BAD, "slow": LOOK},
        ),
        graph(
            "Failed requests", "Requests per second that count against availability, by status code.", "reqps",
            over_time(
                f'sum by (http_response_status_code) (rate({DURATION}_count{{{PREDICT},'
                'http_response_status_code=~"5..|429"}[$__rate_interval])) > 0',
                "{{http_response_status_code}}",
            ),
            absent="no failures",
        ),
        graph(
            "Slow predictions", "Predictions per second that took longer than 250 ms.", "reqps",
            over_time(
                f'sum(rate({DURATION}_count{{{PREDICT},http_response_status_code=~"2.."}}[$__rate_interval])) - '
                f'sum(rate({DURATION}_bucket{{{PREDICT},http_response_status_code=~"2..",le="{SLOW_SECONDS}"}}'
                "[$__rate_interval]))",
                "slow",
            ),
            colors={"slow": LOOK},
        ),
    ]  # fmt: skip
    return Row("Errors that spend the budgets", panels)


def _burn(window: str, slo: str | None = None) -> str:
    matchers = f',slo="{slo}"' if slo else ""
    return (
        f"job:cifar10_slo_errors_per_request:ratio_rate{window}{{service{matchers}}}"
        f" / (1 - job:cifar10_slo_objective:ratio{{service{matchers}}})"
    )
