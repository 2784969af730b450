"""Every dashboard is drawn, whatever the answers are."""

import re
from html import escape
from typing import Any

import pytest

from dashboards.queries import dashboards, panels
from tests.pictures.answered import Answered, Everything, series
from tests.pictures.page import KINDS, page

BOARDS = dashboards()
every_board = pytest.mark.parametrize("uid", BOARDS)


def sections(html: str) -> dict[str, str]:
    """What is drawn of each panel, by its number."""
    return dict(re.findall(r'<section [^>]*id="panel-(\d+)">(.*?)</section>', html, re.DOTALL))


def board(*made: dict[str, Any]) -> dict[str, Any]:
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    shown = [{"id": 1, "title": "A panel", "gridPos": place, "targets": [], **each} for each in made]
    return {"title": "A board", "annotations": {"list": []}, "templating": {"list": []}, "panels": shown}


@every_board
def test_without_answers_each_panel_says_that_there_is_nothing(uid: str) -> None:
    drawn = sections(page(BOARDS[uid], Answered(), "made up").html)
    for panel in panels(BOARDS[uid]):
        said = panel["fieldConfig"]["defaults"].get("noValue", "No data")
        assert escape(said, quote=False) in drawn[str(panel["id"])], panel["title"]


@every_board
def test_with_answers_no_panel_is_empty_and_no_label_of_a_legend_missing(uid: str) -> None:
    html = page(BOARDS[uid], Everything(), "made up").html
    drawn = sections(html)
    assert {*drawn} == {str(panel["id"]) for panel in panels(BOARDS[uid])}
    assert [panel["title"] for panel in panels(BOARDS[uid]) if 'class="nothing"' in drawn[str(panel["id"])]] == []
    assert "{{" not in html


@every_board
def test_a_page_names_its_dashboard_rows_and_panels(uid: str) -> None:
    html = page(BOARDS[uid], Everything(), "made up").html
    for title in (BOARDS[uid]["title"], *(each["title"] for each in BOARDS[uid]["panels"])):
        assert escape(re.sub(r"\$\w+", ".*", title), quote=False) in html


@every_board
def test_panels_lie_within_the_page_and_above_its_caption(uid: str) -> None:
    drawn = page(BOARDS[uid], Answered(), "made up")
    places = re.findall(r'<section style="left:([\d.]+)px;top:(\d+)px;width:([\d.]+)px;height:(\d+)px', drawn.html)
    assert len(places) == len(panels(BOARDS[uid]))
    (foot,) = re.findall(r'<footer style="top:(\d+)px', drawn.html)
    for left, top, width, height in places:
        assert float(left) + float(width) < drawn.width
        assert int(top) + int(height) <= int(foot) < drawn.height


def test_every_kind_is_used() -> None:
    assert {panel["type"] for uid in BOARDS for panel in panels(BOARDS[uid])} == KINDS.keys()


def test_an_unknown_kind_of_panel_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of panel: piechart, A panel"):
        page(board({"type": "piechart"}), Answered(), "made up")


def test_the_caption_and_the_choices_are_on_the_page() -> None:
    chosen = {"type": "query", "name": "pod", "label": "Pod", "allValue": ".*"}
    source = Answered(variables={"pod": "pod-1"})
    html = page(board({"type": "row"}) | {"templating": {"list": [chosen]}}, source, "not by Grafana").html
    assert "<footer" in html
    assert "not by Grafana" in html
    assert "<small>Pod</small>pod-1" in html


def test_what_a_label_says_is_never_markup() -> None:
    evil = board({"type": "stat", "options": {"textMode": "name"}, "targets": [{"legendFormat": "{{name}}"}]})
    html = page(evil, Answered([series(1, name="<script>")]), "made up").html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
