"""Rules for all dashboards, based on Grafana's dashboard-linter."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from dashboards.queries import PanelQuery, annotations, dashboards, panels, queries
from tests.monitoring.configuration import alerts

BOARDS = dashboards()
PANELS = [(uid, panel) for uid, board in BOARDS.items() for panel in panels(board)]
ALERTS = alerts()
QUERIES = [*queries(), *annotations()]
RUNBOOK = r"https://example\.com/cifar10-serving/runbooks/(\w+)\.md"

every_board = pytest.mark.parametrize("uid", BOARDS)
every_panel = pytest.mark.parametrize(("uid", "panel"), PANELS, ids=[f"{uid}: {each['title']}" for uid, each in PANELS])
every_query = pytest.mark.parametrize("query", QUERIES, ids=[f"{q.dashboard}: {q.panel} {q.ref}" for q in QUERIES])


def linked_alerts(panel: dict[str, Any]) -> list[str]:
    return [found[1] for link in panel.get("links", []) if (found := re.fullmatch(RUNBOOK, link["url"]))]


def data_sources(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        if "datasource" in part:
            yield part["datasource"]
        part = [*part.values()]
    if isinstance(part, list):
        for each in part:
            yield from data_sources(each)


def test_there_are_six() -> None:
    names = ("model", "resources", "service", "slo", "telemetry", "workload")
    assert [*BOARDS] == [f"cifar10-{name}" for name in names]


@every_board
def test_a_dashboard_can_be_provisioned_as_it_is(uid: str) -> None:
    board = BOARDS[uid]
    assert board["uid"] == uid
    assert board.get("id") is None
    assert board["schemaVersion"] == 41
    assert board["editable"] is False
    assert board["timezone"] == "browser"
    assert board["refresh"]
    assert board["tags"] == ["cifar10"]
    assert not {"__inputs", "__requires", "iteration", "version"} & board.keys()


@every_board
def test_a_dashboard_leads_to_the_others(uid: str) -> None:
    (link,) = BOARDS[uid]["links"]
    assert link["type"] == "dashboards"
    assert link["tags"] == ["cifar10"]
    assert link["includeVars"]
    assert link["keepTime"]


@every_board
def test_a_dashboard_marks_deploys_and_alerts(uid: str) -> None:
    marks = {mark["name"] for mark in BOARDS[uid]["annotations"]["list"]}
    assert "Alerts" in marks
    assert marks & {"Releases", "Changes of the Deployment"}


@every_board
def test_the_data_source_is_the_readers_choice(uid: str) -> None:
    found = [*data_sources(BOARDS[uid])]
    assert found
    assert all(each == {"type": "prometheus", "uid": "${datasource}"} for each in found)
    first = BOARDS[uid]["templating"]["list"][0]
    assert (first["name"], first["type"], first["query"]) == ("datasource", "datasource", "prometheus")


@every_board
def test_every_variable_does_something_and_no_other_is_named(uid: str) -> None:
    names = {variable["name"] for variable in BOARDS[uid]["templating"]["list"]} - {"datasource"}
    named = {name for query in QUERIES if query.dashboard == uid for name in re.findall(r"\$(\w+)", query.expr)}
    assert {name for name in named if not name.startswith("__")} == names


@every_board
def test_a_choice_is_of_any_number_and_of_all(uid: str) -> None:
    for variable in BOARDS[uid]["templating"]["list"]:
        if variable["name"] in {"namespace", "job", "pod"}:
            assert variable["multi"]
            assert variable["includeAll"]
            assert variable["refresh"] == 2  # when the time range changes
            assert variable["allValue"] == ("cifar10.*" if variable["name"] == "job" else ".*")


@every_board
def test_panels_lie_side_by_side_within_the_grid(uid: str) -> None:
    places = [panel["gridPos"] for panel in BOARDS[uid]["panels"]]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, f"{one} and {other}"


@every_board
def test_a_row_is_full_and_of_one_height(uid: str) -> None:
    rows: dict[int, list[dict[str, int]]] = {}
    for panel in BOARDS[uid]["panels"]:
        rows.setdefault(panel["gridPos"]["y"], []).append(panel["gridPos"])
    for places in rows.values():
        assert len({place["h"] for place in places}) == 1
        assert sum(place["w"] for place in places) == 24


@every_board
def test_numbers_and_titles_are_given_once(uid: str) -> None:
    every = BOARDS[uid]["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    shown = [(panel["type"], panel["title"]) for panel in every]
    assert len(set(shown)) == len(shown)


@every_board
def test_the_first_row_says_whether_all_is_well(uid: str) -> None:
    heading, *rest = BOARDS[uid]["panels"]
    first = [panel for panel in rest if panel["gridPos"]["y"] == heading["gridPos"]["h"]]
    assert heading["title"] == "At a glance"
    assert first[0]["title"] == "Alerts firing"
    assert {panel["type"] for panel in first} == {"stat"}
    judged = [panel for panel in first if len(panel["fieldConfig"]["defaults"]["thresholds"]["steps"]) > 1]
    assert len(judged) >= 5
    assert {panel["options"]["colorMode"] for panel in judged} == {"background"}


@every_panel
def test_a_panel_says_what_it_shows(uid: str, panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert len(panel["description"]) > 10
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]


@every_panel
def test_a_panel_that_shows_nothing_says_why(uid: str, panel: dict[str, Any]) -> None:
    if panel["type"] not in {"heatmap", "barchart", "bargauge"}:
        assert panel["fieldConfig"]["defaults"]["noValue"]


@every_panel
def test_a_link_to_a_runbook_is_to_one_of_an_alert(uid: str, panel: dict[str, Any]) -> None:
    assert len(linked_alerts(panel)) == len(panel.get("links", []))
    assert set(linked_alerts(panel)) <= ALERTS.keys()


@pytest.mark.parametrize("alert", ALERTS)
def test_the_dashboard_that_an_alert_names_shows_what_it_watches(alert: str) -> None:
    for rule in ALERTS[alert]:
        uid = rule["annotations"]["dashboard_url"].removeprefix("/d/")
        assert alert in {name for panel in panels(BOARDS[uid]) for name in linked_alerts(panel)}


@pytest.mark.parametrize("alert", ALERTS)
def test_the_dashboard_that_an_alert_names_lists_it(alert: str) -> None:
    for rule in ALERTS[alert]:
        uid = rule["annotations"]["dashboard_url"].removeprefix("/d/")
        (expr,) = [each.expr for each in QUERIES if (each.dashboard, each.panel, each.kind) == (uid, "Alerts", "table")]
        named = re.findall(r'alertname=~"([^"]*)"', expr)
        assert rule["labels"]["severity"] == "none" or not named or re.fullmatch(named[0], alert)


@every_query
def test_a_counter_is_never_shown_as_it_is(query: PanelQuery) -> None:
    for start, name in re.findall(r"(\w*\(?)\b([a-z]\w*_(?:total|count|sum|bucket))\b(?=[{\[])", query.expr):
        assert start in {"rate(", "increase("}, name


@every_query
def test_a_window_is_as_long_as_the_graph_needs_or_as_the_alert_has_it(query: PanelQuery) -> None:
    windows = set(re.findall(r"\[([^\]]+)\]", query.expr))
    fixed = {window for window in windows if not window.startswith("$__")}
    if query.kind == "annotation":
        assert not windows - {"2m"}
        return
    (panel,) = [
        each for each in panels(BOARDS[query.dashboard]) if (each["type"], each["title"]) == (query.kind, query.panel)
    ]
    watched = "".join(rule["expr"] for alert in linked_alerts(panel) for rule in ALERTS[alert])
    assert fixed <= set(re.findall(r"\d+[smhd](?![a-z])", watched))
    assert not windows - fixed - {"$__rate_interval", "$__range"}


@every_query
def test_a_query_is_about_the_chosen_namespace(query: PanelQuery) -> None:
    of_prometheus = ("prometheus_", "alertmanager_", 'alertname="Watchdog"')
    assert "$namespace" in query.expr or any(name in query.expr for name in of_prometheus)


@every_panel
def test_a_panel_shows_which_colour_is_what(uid: str, panel: dict[str, Any]) -> None:
    if panel["type"] in {"timeseries", "barchart", "state-timeline"}:
        assert panel["options"]["legend"]["showLegend"]


@every_panel
def test_a_table_has_room_for_its_columns(uid: str, panel: dict[str, Any]) -> None:
    """On a screen 1280 pixels wide."""
    if panel["type"] == "table":
        custom = panel["fieldConfig"]["defaults"]["custom"]
        orders = [step["options"] for step in panel["transformations"] if step["id"] == "organize"]
        columns = [
            options["renameByName"].get(name, name) for name in orders[0]["indexByName"] for options in orders[:1]
        ]
        fixed = {
            override["matcher"]["options"]: each["value"]
            for override in panel["fieldConfig"]["overrides"]
            for each in override["properties"]
            if each["id"] == "custom.width"
        }
        assert {*fixed} <= {*columns}
        assert sum(fixed.get(name, custom["minWidth"]) for name in columns) < panel["gridPos"]["w"] * 1280 / 24
