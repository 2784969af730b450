"""The service dashboard: rate, errors and duration of requests, stages, and saturation."""

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
            "Replicas ready", "Share of the replicas known to Prometheus that are up and report ready.",
            "percentunit", now("sum(cifar10_ready{replica}) / count(up{replica})", "ready"),
            below(1), words={0: ("none", BAD), 1: ("all", GOOD)}, absent="no replica",
            alerts=["Cifar10Down", "Cifar10TargetDown", "Cifar10NotReady"],
        ),
        stat_of(
            "Requests", "Requests per second, without probes and scrapes.", "reqps",
            now("sum(rate(http_server_request_duration_seconds_count{replica}[$__rate_interval]))", "requests"),
            whatever(),
        ),
        stat_of(
            "Failed",
            "Share of prediction requests answered with 5xx or 429 over 5 minutes. Red: at this rate, 2 % of the "
            "30-day error budget is spent in an hour.", "percentunit",
            now('max(job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="availability"})', "failed"),
            above(WAKING["availability"], BUDGETS["availability"]),
            alerts=["Cifar10AvailabilityBudgetBurn"], absent="no traffic yet",
        ),
        stat_of(
            "Slow",
            "Share of predictions that took longer than 250 ms over 5 minutes. Red: at this rate, 2 % of the "
            "30-day error budget is spent in an hour.", "percentunit",
            now('max(job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="latency"})', "slow"),
            above(WAKING["latency"], BUDGETS["latency"]),
            alerts=["Cifar10LatencyBudgetBurn"], absent="no traffic yet",
        ),
        stat_of(
            "p99",
            "99 % of the predictions are faster.", "s", now(quantile(0.99, PREDICTIONS), "p99"), above(SLOW_SECONDS),
            absent="no traffic",
        ),
        stat_of(
            "Queue", "The highest queue usage of any replica.", "percentunit",
            now("max(cifar10_queue_depth{replica} / cifar10_queue_capacity{replica})", "full"),
            above(LIMITS["Cifar10QueueSaturated"]), alerts=["Cifar10QueueSaturated"],
        ),
        stat_of(
            "Error budget left", "Remaining error budget over 30 days: the lower of availability and latency.",
            "percentunit", now("min(job:cifar10_slo_error_budget_remaining:ratio{service})", "left"),
            below(0, look=0.25),
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _rate() -> Row:
    by_status = stacked(
        "Predictions by status", "Prediction requests per second, by status code.", "reqps",
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
            "Requests by route", "Requests per second. _unmatched are requests that match no route.", "reqps",
            over_time(
                "sum by (http_route) (rate(http_server_request_duration_seconds_count{replica}[$__rate_interval]))",
                "{{http_route}}",
            ),
        ),
        by_status,
        graph(
            "Errors by code", "Requests per second that were answered with an error, by error code.", "reqps",
            over_time(
                "sum by (code) (rate(cifar10_requests_refused_total{replica}[$__rate_interval])) > 0", "{{code}}"
            ),
            absent="no errors",
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
            "Failed predictions", "Share of prediction requests answered with 5xx or 429. Above the lower line the "
            "objective is missed; above the upper line a critical alert fires.", "percentunit",
            over_time('job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="availability"}', FLEET),
            limits=above(WAKING["availability"], BUDGETS["availability"]),
            alerts=["Cifar10AvailabilityBudgetBurn"],
        ),
        graph(
            "Shed requests",
            "Share of prediction requests that were rejected to protect the server, by reason.",
            "percentunit",
            over_time(
                f"sum by (namespace, job, reason) (rate(cifar10_requests_shed_total{{replica}}[$__rate_interval])) / "
                f"{requests} > 0",
                "{{reason}} {{namespace}}",
            ),
            limits=above(LIMITS["Cifar10Shedding"]), alerts=["Cifar10Shedding", "Cifar10DeadlinesMissed"],
            absent="none shed",
        ),
        graph(
            "Client errors",
            "Share of prediction requests answered with a 4xx other than 429.",
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
            "From the arrival of the request to its response. Points are exemplars that link to traces.",
            "s",
            *(
                over_time(quantile(q, PREDICTIONS), f"p{q * 100:g}", exemplars=q == 0.99)
                for q in (0.5, 0.95, 0.99)
            ),
            limits=above(SLOW_SECONDS), absent="no traffic", colors=QUANTILES,
        ),
        heat(
            "Duration distribution", "Number of predictions by duration.", "s",
            buckets("http_server_request_duration_seconds{prediction}", exemplars=True),
        ),
        graph(
            "Slow predictions", "Share of predictions that took longer than 250 ms. Above the lower line the objective "
            "is missed; above the upper line a critical alert fires.", "percentunit",
            over_time('job:cifar10_slo_errors_per_request:ratio_rate5m{service,slo="latency"}', FLEET),
            limits=above(WAKING["latency"], BUDGETS["latency"]),
            alerts=["Cifar10LatencyBudgetBurn"],
        ),
    ]  # fmt: skip
    return Row("Duration", panels)
