import re
from typing import Any

import pytest

from tests.monitoring.configuration import ALERTMANAGER, RULES, read
from tests.monitoring.live import pace


@pytest.mark.parametrize(
    ("shipped", "expected"),
    [
        ("rate(a[5m])", "rate(a[5000ms])"),
        ("max_over_time(x[1h30m:5m] offset 1d)", "max_over_time(x[90000ms:5000ms] offset 1440000ms)"),
        ('job:errors:ratio_rate5m{long="1h"} > 14.4', 'job:errors:ratio_rate5m{long="1h"} > 14.4'),
        ("sum_over_time(job:requests:rate5m[30d]) * 30", "sum_over_time(job:requests:rate5m[43200000ms]) * 30"),
        ("time() - x > 3600", "time() - x > 3600"),
    ],
)
def test_ranges_and_offsets_are_divided_and_names_are_not(shipped: str, expected: str) -> None:
    assert pace.expression(shipped) == expected


def test_a_wait_is_divided_more_and_never_becomes_none() -> None:
    rule = {"alert": "A", "expr": "x", "for": "3h", "labels": {"short": "6h"}, "annotations": {"summary": "in 3h"}}
    (group,) = pace.rules({"groups": [{"name": "g", "interval": "30s", "rules": [rule]}]})["groups"]
    assert group == {"name": "g", "rules": [{**rule, "for": "7500ms"}]}
    assert rule["for"] == "3h"
    assert (pace.divided("1ms", 60), pace.divided("0s", 60)) == ("1ms", "0s")


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_nothing_of_a_shipped_rule_is_changed_but_durations(path: Any) -> None:
    shipped, faster = read(path), pace.rules(read(path))
    without = re.compile(r"\d+(ms|[smhdwy])\b|[\s]")
    for before, after in zip(shipped["groups"], faster["groups"], strict=True):
        for old, new in zip(before["rules"], after["rules"], strict=True):
            assert without.sub("", old["expr"]) == without.sub("", new["expr"])
            assert {k: v for k, v in old.items() if k not in ("expr", "for")} == {
                k: v for k, v in new.items() if k not in ("expr", "for")
            }


def test_alertmanager_keeps_its_routes_and_inhibitions() -> None:
    shipped, faster = read(ALERTMANAGER), pace.alertmanager(read(ALERTMANAGER), "http://sink")
    assert faster["inhibit_rules"] == shipped["inhibit_rules"]
    assert [each["matchers"] for each in faster["route"]["routes"]] == [
        each["matchers"] for each in shipped["route"]["routes"]
    ]
    assert faster["route"]["group_wait"] == "125ms"
    webhooks = {each["name"]: each.get("webhook_configs", []) for each in faster["receivers"]}
    assert [each["url"] for each in webhooks["page"]] == ["http://sink/page"]
    assert webhooks["nobody"] == []
