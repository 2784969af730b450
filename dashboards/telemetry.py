"""The telemetry dashboard: scrapes, spans, logs, rules and notifications."""

from grafana_foundation_sdk.models import dashboard

from dashboards import variables
from dashboards.alerts import alerts, firing
from dashboards.annotations import ALERTS, RELEASE
from dashboards.board import Row, board
from dashboards.colors import BAD, GOOD, LOOK, NEUTRAL, above, below
from dashboards.limits import LIMITS
from dashboards.panels.graphs import aside, graph, renamed, timeline
from dashboards.panels.tables import listing
from dashboards.panels.values import stat_of
from dashboards.promql import EACH, now, over_time, rows

WATCHING = "Cifar10(ScrapeGap|SpansDropped|SpanExportFailing|SeriesNearLimit)"

GROUPS = 'rule_group=~".*cifar10.*"'
GROUP_NAMES = renamed("^.*;(cifar10-)?", "")
"""Group names without the file and the common prefix."""


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-telemetry", "CIFAR-10 / Telemetry",
        "Whether metrics, traces, logs and alerts arrive.",
        [_glance(), _scrapes(), _spans(), _prometheus(), alerts(WATCHING)],
        variables=variables.of_service(), marks=[RELEASE, ALERTS],
    )  # fmt: skip


def _share(part: str, whole: str, window: str) -> str:
    return f"sum(rate({part}[{window}])) / sum(rate({whole}[{window}]))"


DROPPED = ("cifar10_spans_dropped_total{replica}", "cifar10_spans_ended_total{replica}")
FAILED = ('cifar10_spans_exported_total{replica,result="failure"}', "cifar10_spans_exported_total{replica}")


def _glance() -> Row:
    panels = [
        firing(),
        stat_of(
            "Watchdog", "An alert that always fires. If it does not, no alert arrives.", "none",
            now('count(ALERTS{alertname="Watchdog",alertstate="firing",service="cifar10"}) or vector(0)', "watchdog"),
            below(1), words={0: ("silent", BAD), 1: ("firing", GOOD)}, alerts=["Watchdog"],
        ),
        stat_of(
            "Targets up", "Share of the replicas that Prometheus can scrape.", "percentunit",
            now("sum(up{replica}) / count(up{replica})", "up"), below(1), words={0: ("none", BAD), 1: ("all", GOOD)},
            absent="no target", alerts=["Cifar10TargetDown", "Cifar10Down"],
        ),
        stat_of(
            "Successful scrapes", "Lowest share of successful scrapes of any replica, over 15 minutes.",
            "percentunit", now("min(avg_over_time(up{replica}[15m]))", "successful"),
            below(LIMITS["Cifar10ScrapeGap"]), absent="no target",
            alerts=["Cifar10ScrapeGap"],
        ),
        stat_of(
            "Series per replica", "The largest scrape. Above 2000 series, Prometheus rejects the whole scrape.",
            "short", now("max(scrape_samples_post_metric_relabeling{replica})", "series"),
            above(LIMITS["Cifar10SeriesNearLimit"]),
            absent="no target", alerts=["Cifar10SeriesNearLimit"],
        ),
        stat_of(
            "Spans dropped", "Share of spans dropped because the export queue was full, over 5 minutes.", "percentunit",
            now(_share(*DROPPED, "5m"), "dropped"), above(LIMITS["Cifar10SpansDropped"]), absent="no spans",
            alerts=["Cifar10SpansDropped"],
        ),
        stat_of(
            "Exports failed", "Share of exported spans that the collector did not accept, over 5 minutes.",
            "percentunit", now(_share(*FAILED, "5m"), "failed"),
            above(LIMITS["Cifar10SpanExportFailing"]), absent="no spans",
            alerts=["Cifar10SpanExportFailing"],
        ),
        stat_of(
            "Rule failures", "Failed rule evaluations in the selected time range.", "none",
            now(f"sum(increase(prometheus_rule_evaluation_failures_total{{{GROUPS}}}[$__range]))", "failures"),
            above(1), words={0: ("none", GOOD)}, absent="not known",
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _scrapes() -> Row:
    panels = [
        timeline(
            "Targets", "Replicas that Prometheus can scrape.", over_time("up{replica}", EACH),
            {0: ("down", BAD), 1: ("up", GOOD)}, alerts=["Cifar10TargetDown", "Cifar10ScrapeGap"], absent="no target",
        ),
        graph(
            "Duration of scrapes", "Duration of scrapes; the timeout is 5 s.", "s",
            over_time("scrape_duration_seconds{replica}", EACH), alerts=["Cifar10ScrapeGap"],
        ),
        graph(
            "Series", "Series per scrape. They grow if a label has unbounded values.", "short",
            over_time("scrape_samples_post_metric_relabeling{replica}", EACH),
            over_time("max(cifar10_metric_series{replica})", "reported by the server"),
            limits=above(LIMITS["Cifar10SeriesNearLimit"]), alerts=["Cifar10SeriesNearLimit"],
        ),
        listing(
            "Largest metrics", "Metrics with the most series of all replicas.",
            rows("topk(15, count by (__name__) ({service}))"), columns={"__name__": "metric", "Value": "series"},
            widths={"series": 70},
            alerts=["Cifar10SeriesNearLimit"],
        ),
    ]  # fmt: skip
    return Row("Scrapes", panels)


def _spans() -> Row:
    panels = [
        graph(
            "Spans", "Spans per second: ended, exported with success or failure, and dropped before export.", "short",
            over_time("sum(rate(cifar10_spans_ended_total{replica}[$__rate_interval]))", "ended"),
            over_time(
                "sum by (result) (rate(cifar10_spans_exported_total{replica}[$__rate_interval]))", "export {{result}}"
            ),
            over_time("sum(rate(cifar10_spans_dropped_total{replica}[$__rate_interval]))", "dropped"),
            alerts=["Cifar10SpansDropped", "Cifar10SpanExportFailing"],
            colors={"ended": NEUTRAL, "export success": GOOD, "export failure": LOOK, "dropped": BAD},
        ),
        graph(
            "Spans lost",
            "Dropped spans as a share of ended spans, and failed exports as a share of all exports.", "percentunit",
            over_time(_share(*DROPPED, "$__rate_interval"), "dropped"),
            over_time(_share(*FAILED, "$__rate_interval"), "failed"),
            limits=above(LIMITS["Cifar10SpanExportFailing"], LIMITS["Cifar10SpansDropped"]),
            alerts=["Cifar10SpansDropped", "Cifar10SpanExportFailing"], absent="no spans",
        ),
        graph(
            "Log lines", "Log lines per second by level, and dropped lines by reason.", "short",
            over_time("sum by (level) (rate(cifar10_log_messages_total{replica}[$__rate_interval]))", "{{level}}"),
            over_time(
                "sum by (reason) (rate(cifar10_log_lines_dropped_total{replica}[$__rate_interval]))",
                "dropped: {{reason}}",
            ),
            colors={"info": NEUTRAL, "warning": LOOK, "error": BAD, "critical": "dark-red"},
        ),
    ]  # fmt: skip
    return Row("Traces and logs", panels)


def _prometheus() -> Row:
    panels = [
        graph(
            "Duration of rules",
            "Evaluation time of each rule group. The intervals are 30 s and 1 min.", "s",
            over_time(
                f"max by (rule_group) (prometheus_rule_group_last_duration_seconds{{{GROUPS}}})", "{{rule_group}}"
            ),
        ).legend(aside("max")).with_transformation(GROUP_NAMES),
        graph(
            "Missed evaluations",
            "Skipped or failed evaluations per second; they leave gaps in recorded series.", "short",
            over_time(
                "sum by (rule_group) "
                f"(rate(prometheus_rule_group_iterations_missed_total{{{GROUPS}}}[$__rate_interval])) "
                "+ sum by (rule_group) "
                f"(rate(prometheus_rule_evaluation_failures_total{{{GROUPS}}}[$__rate_interval]))",
                "{{rule_group}}",
            ),
        ).legend(aside("max")).with_transformation(GROUP_NAMES),
        graph(
            "Alerts sent",
            "Alerts per second that Prometheus sent to Alertmanager, and that it dropped.", "short",
            over_time("sum(rate(prometheus_notifications_sent_total[$__rate_interval]))", "sent"),
            over_time("sum(rate(prometheus_notifications_dropped_total[$__rate_interval]))", "dropped"),
            alerts=["Watchdog"],
        ),
        graph(
            "Notifications",
            "Notifications per second that Alertmanager sent, and that failed, by integration.", "short",
            over_time(
                "sum by (integration) (rate(alertmanager_notifications_total[$__rate_interval])) > 0",
                "{{integration}}",
            ),
            over_time(
                "sum by (integration) (rate(alertmanager_notifications_failed_total[$__rate_interval])) > 0",
                "{{integration}} failed",
            ),
            alerts=["Watchdog"], absent="nothing sent",
        ),
    ]  # fmt: skip
    return Row("Rules and alerts", panels)
