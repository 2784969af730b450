"""Is the service well? Rate, errors and duration of its requests, where their time goes, and how full it is."""

from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards import variables
from dashboards.alerts import alerts, firing
from dashboards.annotations import ALERTS, MODEL, RELEASE
from dashboards.board import Row, board
from dashboards.colors import BAD, GOOD, LOOK, QUANTILES, above, below, whatever
from dashboards.limits import BUDGETS, LIMITS, SLOW_SECONDS, WAKING
from dashboards.panels.graphs import graph, heat, stacked
from dashboards.panels.values import stat_of
from dashboards.promql import FLEET, buckets, now, over_time, quantile
from dashboards.replicas import replicas, saturation, stages

PREDICTIONS = 'http_server_request_duration_seconds{prediction,http_response_status_code=~"2.."}'


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-service", "CIFAR-10 / Service", "Rate, errors and duration of the requests; stages; saturation.",
        [_glance(), _rate(), _errors(), _duration(), stages(), saturation(), replicas(), alerts()],
        variables=variables.of_service(), marks=[RELEASE, MODEL, ALERTS],
    )  # fmt: skip


def _glance() -> Row:
    panels = [
        firing(),
        stat_of(
            "Replicas ready", "Share of the replicas that Prometheus knows which answer and call themselves ready.",
            "percentunit", now("sum(cifar10_ready{replica}) / count(up{replica})", "ready"),
            below(1), words={0: ("none", BAD), 1: ("all", GOOD)}, absent="no replica",
            alerts=["Cifar10Down", "Cifar10TargetDown", "Cifar10NotReady"],
        ),
        stat_of(
            "Requests", "All requests a second, but for probes and scrapes.", "reqps",
            now("sum(rate(http_server_request_duration_seconds_count{replica}[$__rate_interval]))", "requests"),
            whatever(),
        ),
        stat_of(
            "Failed",
            "Share of the requests for predictions that got a 5xx or a 429, over 5 minutes: red when it would "
            "spend 2 % of the month's error budget in an hour.", "percentunit",
            now('max(job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="availability"})', "failed"),
            above(WAKING["availability"], BUDGETS["availability"]),
            alerts=["Cifar10AvailabilityBudgetBurn"], absent="no traffic yet",
        ),
        stat_of(
            "Slow",
            "Share of the predictions that took longer than 250 ms, over 5 minutes: red when it would spend 2 % of "
            "the month's error budget in an hour.", "percentunit",
            now('max(job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="latency"})', "slow"),
            above(WAKING["latency"], BUDGETS["latency"]),
            alerts=["Cifar10LatencyBudgetBurn"], absent="no traffic yet",
        ),
        stat_of(
            "p99",
            "99 of 100 predictions are faster.", "s", now(quantile(0.99, PREDICTIONS), "p99"), above(SLOW_SECONDS),
            absent="no traffic",
        ),
        stat_of(
            "Queue", "How full the fullest queue is.", "percentunit",
            now("max(cifar10_queue_depth{replica} / cifar10_queue_capacity{replica})", "full"),
            above(LIMITS["Cifar10QueueSaturated"]), alerts=["Cifar10QueueSaturated"],
        ),
        stat_of(
            "Error budget left", "Of 30 days, the smaller of availability's and latency's.", "percentunit",
            now("min(job:cifar10_slo_error_budget_remaining:ratio{service})", "left"), below(0, look=0.25),
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _rate() -> Row:
    by_status = stacked(
        "Predictions by status", "Requests for predictions a second, by the status they were answered with.", "reqps",
        over_time(
            "sum by (http_response_status_code) "
            "(rate(http_server_request_duration_seconds_count{prediction}[$__rate_interval]))",
            "{{http_response_status_code}}",
        ),
    )  # fmt: skip
    for statuses, color in (
        ("/^2/", GOOD),
        ("/^4/", LOOK),
        ("/^429/", "purple"),
        ("/^5/", BAD),
        ("/^503/", "light-red"),
        ("/^504/", "dark-red"),
    ):
        by_status.override_by_regexp(statuses, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})])
    panels = [
        graph(
            "Requests by route", "Requests a second. _unmatched is what no route matches: scanners, mostly.", "reqps",
            over_time(
                "sum by (http_route) (rate(http_server_request_duration_seconds_count{replica}[$__rate_interval]))",
                "{{http_route}}",
            ),
        ),
        by_status,
        graph(
            "Refusals by code", "Requests a second that were answered with an error, by the code in its body.", "reqps",
            over_time(
                "sum by (code) (rate(cifar10_requests_refused_total{replica}[$__rate_interval])) > 0", "{{code}}"
            ),
            absent="nothing refused",
        ),
    ]  # fmt: skip
    return Row("Rate", panels)


def _errors() -> Row:
    requests = (
        "on (namespace, job) group_left () sum by (namespace, job) "
        "(rate(http_server_request_duration_seconds_count{prediction}[$__rate_interval]))"
    )
    panels = [
        graph(
            "Failed predictions", "Share of the requests for predictions that got a 5xx or a 429. Above the lower line "
            "the error budget shrinks, above the upper one somebody is woken up.", "percentunit",
            over_time('job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="availability"}', FLEET),
            limits=above(WAKING["availability"], BUDGETS["availability"]),
            alerts=["Cifar10AvailabilityBudgetBurn"],
        ),
        graph(
            "Turned away",
            "Share of the requests for predictions that were turned away for the server's sake, by reason.",
            "percentunit",
            over_time(
                f"sum by (namespace, job, reason) (rate(cifar10_requests_shed_total{{replica}}[$__rate_interval])) / "
                f"{requests} > 0",
                "{{reason}} {{namespace}}",
            ),
            limits=above(LIMITS["Cifar10Shedding"]), alerts=["Cifar10Shedding", "Cifar10DeadlinesMissed"],
            absent="nothing turned away",
        ),
        graph(
            "Refused as wrong",
            "Share of the requests for predictions that got a 4xx other than 429: what clients do wrong.",
            "percentunit",
            over_time(
                "sum by (namespace, job) (rate(http_server_request_duration_seconds_count{prediction,"
                'http_response_status_code=~"4..",http_response_status_code!="429"}[$__rate_interval])) '
                "/ sum by (namespace, job) "
                "(rate(http_server_request_duration_seconds_count{prediction}[$__rate_interval]))",
                FLEET,
            ),
            limits=above(LIMITS["Cifar10RefusalsHigh"]), alerts=["Cifar10RefusalsHigh"],
        ),
    ]  # fmt: skip
    return Row("Errors", panels)


def _duration() -> Row:
    panels = [
        graph(
            "Duration of predictions",
            "From the request's arrival to its answer. Points are single requests with a trace.",
            "s",
            *(
                over_time(quantile(q, PREDICTIONS), f"p{q * 100:g}", exemplars=q == 0.99)
                for q in (0.5, 0.95, 0.99)
            ),
            limits=above(SLOW_SECONDS), absent="no traffic", colors=QUANTILES,
        ),
        heat(
            "Duration, all of it", "How many predictions took how long.", "s",
            buckets("http_server_request_duration_seconds{prediction}", exemplars=True),
        ),
        graph(
            "Slow predictions", "Share of the predictions that took longer than 250 ms. Above the lower line the error "
            "budget shrinks, above the upper one somebody is woken up.", "percentunit",
            over_time('job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="latency"}', FLEET),
            limits=above(WAKING["latency"], BUDGETS["latency"]),
            alerts=["Cifar10LatencyBudgetBurn"],
        ),
    ]  # fmt: skip
    return Row("Duration", panels)
