"""The tables and limits in docs/, held to the code and to the model card."""

import re
from importlib import import_module

import pytest

from service.settings import Settings
from service.telemetry.stages import STAGES
from tests.docs import tables
from tests.docs.pages import ROOT, name, pages, rows

DOCS = {path.name: path.read_text() for path in (ROOT / "docs").glob("*.md")}


@pytest.mark.parametrize("row", tables.error_rows())
def test_every_error_is_in_the_table(row: str) -> None:
    assert row in DOCS["api.md"].splitlines()


@pytest.mark.parametrize("row", tables.setting_rows())
def test_every_setting_is_in_the_table(row: str) -> None:
    assert row in DOCS["configuration.md"].splitlines()


@pytest.mark.parametrize("row", tables.metric_rows())
def test_every_metric_is_in_a_table(row: str) -> None:
    assert row in DOCS["metrics.md"].splitlines()


@pytest.mark.parametrize("row", tables.route_rows())
def test_every_route_is_in_the_table_with_its_statuses(row: str) -> None:
    assert row in DOCS["metrics.md"].splitlines()


@pytest.mark.parametrize("row", [*tables.card_rows(), *tables.engine_rows()])
def test_every_figure_of_the_model_is_the_cards(row: str) -> None:
    assert row in DOCS["model.md"].splitlines()


def test_every_stage_is_in_the_table_in_order() -> None:
    section = DOCS["telemetry.md"].partition("## Stages")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| ", section, re.MULTILINE) == list(STAGES)


def test_no_table_has_a_row_that_the_code_does_not_have() -> None:
    known = {*tables.error_rows(), *tables.setting_rows(), *tables.metric_rows(), *tables.route_rows()}
    row = re.compile(
        r"\| (?:`(?:PREDICTOR_|cifar10_|http_server_)\w+` \| [^|]+ \| .*|[45]\d\d \| .*|`(?:GET|POST|_OTHER)` \| .*)"
    )
    pages = ("api.md", "configuration.md", "metrics.md")
    assert {line for page in pages for line in DOCS[page].splitlines() if row.fullmatch(line)} == known


def test_the_series_of_a_pod_stay_within_the_limit_that_is_stated() -> None:
    [limit] = {limit for text in map(str, DOCS.values()) for limit in re.findall(r"at most (\d+) series", text)}
    assert tables.series() <= int(limit)


def test_the_number_of_request_threads_is_the_settings() -> None:
    settings = Settings()
    [more] = re.findall(r"`PREDICTOR_QUEUE_CAPACITY` \+ `PREDICTOR_MAX_BATCH` \+ (\d+) request", DOCS["operations.md"])
    assert settings.threads == settings.queue_capacity + settings.max_batch + int(more)


def test_the_steps_of_a_shutdown_take_as_long_as_the_settings_allow() -> None:
    settings = Settings()
    table = DOCS["operations.md"].partition("## Shutdown")[2].partition("\n\n| ")[2].partition("\n\n")[0]
    named = [getattr(settings, name.lower()) for name in re.findall(r"\| `PREDICTOR_(\w+)`", table)]
    fixed = [float(each) for each in re.findall(r"\| (\d+) s at most \|", table)]
    assert sum(named + fixed) == settings.longest_stop_seconds


LIMITS = [
    pytest.param(row[-2], row[-1].strip("`"), id=f"{name(page)}-{row[-1]}")
    for page in pages()
    for row in rows(page.read_text())
    if re.fullmatch(r"`service(\.\w+)+`", row[-1])
]


@pytest.mark.parametrize(("value", "constant"), LIMITS)
def test_every_limit_is_the_value_of_its_constant(value: str, constant: str) -> None:
    module, _, attribute = constant.rpartition(".")
    number = re.match(r"[\d,.]+", value)
    assert number
    assert float(number[0].replace(",", "")) == getattr(import_module(module), attribute)


def test_there_are_limits() -> None:
    assert len(LIMITS) > 20
