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


def test_a_name_has_the_same_colour_everywhere_and_one_that_can_be_seen() -> None:
    named = {colors.of_name(f"series {number}") for number in range(200)}
    assert len(named) > 20
    assert not named & {"#052b51", "#58140c", "#3f2b5b"}
    assert colors.of_name("p99") == colors.of_name("p99")
