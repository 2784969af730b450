"""The shipped rules and the shipped Alertmanager configuration with shorter durations, so that hours pass in seconds.

Every duration is divided: windows and offsets in an expression, ``for``, and Alertmanager's waits, each by its own
number. Names, thresholds, labels and texts are unchanged.

This does not show that a duration is right; promtool's unit tests do, with the shipped durations. Conditions that count
evaluations, such as the minimum number of requests of a burn rate alert, are met earlier, because the evaluation
interval is divided by less than the durations.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any

WINDOWS = 60
"""For windows and offsets: one minute becomes one second, and five minutes are five scrapes."""
HOLDS = 24 * WINDOWS
"""For ``for``: one hour becomes 2.5 seconds."""
WAITS = 4 * WINDOWS
"""For Alertmanager: five minutes become 1.25 seconds."""
INTERVAL = 60 / WINDOWS
"""Seconds between two scrapes, and between two evaluations."""

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
DURATION = re.compile(r"\b(?:\d+(?:ms|[smhdwy]))+\b")
IN_EXPRESSION = re.compile(r"\[[^\]]*\]|\boffset\s+-?\w+")

Groups = dict[str, Any]


def seconds(duration: str) -> float:
    """``1h30m`` is 5400."""
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


def divided(duration: str, divisor: int) -> str:
    """``1m`` by 60 is ``1000ms``; never less than a millisecond, but 0 stays 0."""
    value = seconds(duration) * 1000 / divisor
    return f"{max(1, round(value))}ms" if value else "0s"


def expression(text: str) -> str:
    """A PromQL expression with its ranges, subqueries and offsets divided."""
    return IN_EXPRESSION.sub(lambda found: DURATION.sub(lambda each: divided(each[0], WINDOWS), found[0]), text)


def rules(groups: Groups) -> Groups:
    """A rule file; its groups are evaluated at Prometheus' global interval."""
    faster = copy.deepcopy(groups)
    for group in faster["groups"]:
        group.pop("interval", None)
        for rule in group["rules"]:
            rule["expr"] = expression(rule["expr"])
            for name in ("for", "keep_firing_for"):
                if name in rule:
                    rule[name] = divided(rule[name], HOLDS)
    return faster


def alertmanager(configuration: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Alertmanager's configuration; each receiver's webhook is ``<address>/<receiver>``."""
    faster = copy.deepcopy(dict(configuration))
    for receiver in faster["receivers"]:
        for webhook in receiver.get("webhook_configs", []):
            webhook["url"] = f"{address}/{receiver['name']}"
    pending = [faster["route"]]
    while pending:
        route = pending.pop()
        pending += route.get("routes", [])
        for name in ("group_wait", "group_interval", "repeat_interval"):
            if name in route:
                route[name] = divided(route[name], WAITS)
    return faster
