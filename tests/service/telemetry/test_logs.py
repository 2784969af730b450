import json
import logging
import logging.config
import re
import sys
from typing import Any

import pytest

from service.settings import Settings
from service.telemetry.floods import FloodGuard
from service.telemetry.logs import (
    LONGEST_MESSAGE,
    LONGEST_TRACE,
    JsonFormatter,
    StalledClients,
    TextFormatter,
    configuration,
)
from service.telemetry.sink import Sink


def record(message: str = "hello", **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("cifar10", logging.INFO, __file__, 1, message, (), None)
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def test_a_json_line_is_one_object_with_the_records_fields() -> None:
    line = JsonFormatter().format(record(fields={"status": 200}))
    assert "\n" not in line
    parsed = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", parsed.pop("time"))
    assert parsed == {"level": "info", "logger": "cifar10", "message": "hello", "status": 200}


def test_fields_that_cannot_be_made_do_not_pass_for_none() -> None:
    class Broken(logging.LogRecord):
        @property
        def fields(self) -> dict[str, Any]:
            raise AttributeError("made of nothing")

    with pytest.raises(AttributeError, match="made of nothing"):
        JsonFormatter().format(Broken("cifar10", logging.INFO, __file__, 1, "hello", (), None))


def test_a_json_line_holds_the_stack_trace_in_one_line() -> None:
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        line = JsonFormatter().format(record(exc_info=sys.exc_info()))
    assert "\n" not in line
    assert "RuntimeError: broken" in json.loads(line)["exception"]


def test_a_line_break_in_what_a_client_sent_does_not_forge_a_line() -> None:
    assert "\n" not in JsonFormatter().format(record("GET /x\n12:00:00 INFO all is well"))
    assert "\n" not in TextFormatter().format(record("GET /x\n12:00:00 INFO all is well"))


@pytest.mark.parametrize(("setting", "formatter"), [("json", JsonFormatter), ("text", TextFormatter)])
def test_the_format_is_a_setting(setting: str, formatter: type[logging.Formatter]) -> None:
    chosen = configuration(Settings.from_env({"PREDICTOR_LOG_FORMAT": setting}))
    assert chosen["formatters"]["line"]["()"] is formatter


@pytest.mark.parametrize(("terminal", "formatter"), [(True, TextFormatter), (False, JsonFormatter)])
def test_by_default_a_terminal_gets_text_and_anything_else_json(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, formatter: type[logging.Formatter]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert configuration(Settings())["formatters"]["line"]["()"] is formatter


def test_a_stalled_client_leaves_no_stack_trace() -> None:
    stalled = record(exc_info=(TimeoutError, TimeoutError(), None))
    broken = record(exc_info=(OSError, OSError(), None))
    assert not StalledClients().filter(stalled)
    assert StalledClients().filter(broken)
    assert StalledClients().filter(record())


def test_a_stack_trace_does_not_steer_the_terminal() -> None:
    try:
        raise RuntimeError("\x1b[2J")
    except RuntimeError:
        line = TextFormatter().format(record(exc_info=sys.exc_info()))
    assert "\x1b" not in line
    assert "RuntimeError: \\x1b[2J" in line


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
@pytest.mark.parametrize("character", ["x", "\x00", "\u2028", "\U0001f600"])
def test_no_line_is_long_whatever_stands_in_it(formatter: logging.Formatter, character: str) -> None:
    huge = character * 500_000
    try:
        raise RuntimeError(huge)
    except RuntimeError:
        line = formatter.format(record(huge, exc_info=sys.exc_info()))
    assert len(line.encode()) < 12 * (LONGEST_MESSAGE + LONGEST_TRACE) + 1000  # a character is 12 in JSON at most


def test_of_a_long_stack_trace_the_end_is_kept() -> None:
    try:
        raise RuntimeError("x" * LONGEST_TRACE + "the reason")
    except RuntimeError:
        written = json.loads(JsonFormatter().format(record(exc_info=sys.exc_info())))["exception"]
    assert written.startswith("…")
    assert written.endswith("the reason")


def test_all_loggers_write_through_the_sink_and_the_flood_guard() -> None:
    chosen = configuration(Settings())
    assert chosen["handlers"]["stderr"]["()"] is Sink
    assert chosen["filters"]["floods"]["()"] is FloodGuard
    assert chosen["handlers"]["stderr"]["filters"] == ["floods"]
    assert {tuple(each["handlers"]) for each in (chosen["root"], *chosen["loggers"].values())} == {("stderr",)}
