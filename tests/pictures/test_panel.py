import pytest

from tests.pictures import colors
from tests.pictures.answered import panel, series
from tests.pictures.panel import legend


def test_a_legend_has_the_labels_of_its_series() -> None:
    assert legend("{{pod}} at {{instance}}", {"pod": "a", "instance": "b:1"}) == "a at b:1"
    assert legend("{{pod}} {{instance}}", {"instance": "b:1"}) == "b:1"


def test_an_override_holds_for_the_names_that_it_matches() -> None:
    fixed = [{"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}}]
    overrides = [
        {"matcher": {"id": "byRegexp", "options": "/^5/"}, "properties": fixed},
        {"matcher": {"id": "byName", "options": "ready"}, "properties": [{"id": "custom.width", "value": 90}]},
    ]
    shown = panel({"fieldConfig": {"defaults": {"unit": "s"}, "overrides": overrides}}, [series(1, name="500")])
    assert shown.fields()[0].color == colors.NAMED["red"]
    assert shown.config("ready") == {"unit": "s", "custom": {"width": 90}}
    assert shown.config("250") == {"unit": "s"}


def test_pods_are_renamed_as_the_dashboards_do() -> None:
    rename = {"id": "renameByRegex", "options": {"regex": r"/^cifar10-(\S+)( \S+:\d+)?/", "renamePattern": "$1"}}
    pods = ("cifar10-a 10.0.0.1:9000", "cifar10-b Error", "localhost:9000")
    shown = panel({"transformations": [rename]}, [series(1, name=name) for name in pods])
    assert [field.name for field in shown.fields()] == ["a", "b Error", "localhost:9000"]


def test_the_series_of_a_panel_are_told_apart_by_their_colours() -> None:
    shown = panel({}, [series(1, name=str(number)) for number in range(18)])
    assert len({field.color for field in shown.fields()}) == 18


def test_unknown_colours_are_refused() -> None:
    shown = panel({"fieldConfig": {"defaults": {"color": {"mode": "shades"}}}}, [series(1)])
    with pytest.raises(ValueError, match="unknown colours of series: shades"):
        assert shown.fields()[0].color
