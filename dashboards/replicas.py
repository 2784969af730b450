"""Rows of the service dashboard: stages, saturation and state of the replicas."""

from dashboards.board import Row
from dashboards.colors import BAD, GOOD, LOOK, NEUTRAL, OFF, above
from dashboards.limits import LIMITS
from dashboards.panels.graphs import graph, heat, stacked, timeline
from dashboards.promql import EACH, buckets, over_time, quantile


def stages() -> Row:
    stage = "cifar10_stage_duration_seconds"
    panels = [
        stacked(
            "Time by stage", "Mean time that a prediction spends in each stage.", "s",
            over_time(
                f"sum by (stage) (rate({stage}_sum{{replica}}[$__rate_interval])) "
                f"/ sum by (stage) (rate({stage}_count{{replica}}[$__rate_interval]))",
                "{{stage}}",
            ),
            absent="no traffic",
        ),
        graph(
            "Stages, p95", "95 % of the predictions spend less time in the stage.", "s",
            over_time(quantile(0.95, f"{stage}{{replica}}", "stage"), "{{stage}}", exemplars=True), absent="no traffic",
        ),
        heat("Batch size", "Images per batch. Batches of more than one image form only when requests queue.", "short",
             buckets("cifar10_batch_size{replica}")),
    ]  # fmt: skip
    return Row("Stages", panels)


def saturation() -> Row:
    panels = [
        graph(
            "Queue", "Queue depth as a share of its capacity. A full queue rejects requests with 429.", "percentunit",
            over_time("cifar10_queue_depth{replica} / cifar10_queue_capacity{replica}", EACH),
            limits=above(LIMITS["Cifar10QueueSaturated"]), alerts=["Cifar10QueueSaturated"],
        ).max(1),
        graph(
            "Requests in flight", "Requests being processed or waiting, by replica.", "short",
            over_time("sum by (pod, instance) (http_server_active_requests{replica})", EACH),
        ),
        graph(
            "Throughput", "Images classified per second, by replica.", "imgs/s",
            over_time(
                "sum by (pod, instance) (rate(cifar10_predictions_total{replica}[$__rate_interval]))",
                EACH
            ),
        ),
    ]  # fmt: skip
    return Row("Saturation", panels)


def replicas() -> Row:
    states = {"failed": BAD, "loading": NEUTRAL, "warming": NEUTRAL, "ready": GOOD, "draining": LOOK}
    numbered = " or ".join(
        f'cifar10_lifecycle_state{{replica,state="{state}"}} * {number}' for number, state in enumerate(states, start=1)
    )
    panels = [
        timeline(
            "State of each replica", "Lifecycle state that each replica reports; unknown while it cannot be scraped.",
            over_time(f"max by (pod, instance) ({numbered})", EACH),
            {0: ("unknown", OFF)} | {number: (state, states[state]) for number, state in enumerate(states, start=1)},
            alerts=["Cifar10NotReady"],
        ),
        timeline(
            "Readiness checks", "The checks of /readyz; the lowest value of all replicas.",
            over_time("min by (check) (cifar10_readiness_check{replica})", "{{check}}"),
            {0: ("failed", BAD), 1: ("passed", GOOD)}, alerts=["Cifar10NotReady"],
        ),
        graph(
            "Workers", "Worker processes of each replica, and workers replaced within 15 minutes.",
            "short",
            over_time("max by (pod, instance) (cifar10_workers{replica})", f"{EACH} serving"),
            over_time("round(increase(instance:cifar10_workers_replaced:count{replica}[15m]))", f"{EACH} replaced"),
            alerts=["Cifar10WorkerReplaced"],
        ),
    ]  # fmt: skip
    return Row("Replicas", panels)
