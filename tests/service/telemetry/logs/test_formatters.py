"""The format of log lines, and the configuration that selects it."""

import json
import logging
import logging.config
import re
import sys
from typing import Any

import pytest

from service.settings import Settings
from service.telemetry.logs.access_log import GunicornLogger
from service.telemetry.logs.configuration import configuration, current_handler
from service.telemetry.logs.formatters import MAX_MESSAGE_LENGTH, MAX_TRACE_LENGTH, JsonFormatter, TextFormatter
from service.telemetry.logs.queue_handler import BoundedQueueHandler


def record(message: str = "hello", **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("cifar10", logging.INFO, __file__, 1, message, (), None)
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def test_a_json_line_is_one_object_with_the_fields_of_the_record() -> None:
    line = JsonFormatter().format(record(fields={"status": 200}))
    assert "\n" not in line
    parsed = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", parsed.pop("time"))
    assert parsed == {"level": "info", "logger": "cifar10", "message": "hello", "status": 200}


def test_an_error_in_the_fields_of_a_record_is_not_hidden() -> None:
    class Broken(logging.LogRecord):
        @property
        def fields(self) -> dict[str, Any]:
            raise AttributeError("no such field")

    with pytest.raises(AttributeError, match="no such field"):
        JsonFormatter().format(Broken("cifar10", logging.INFO, __file__, 1, "hello", (), None))


def test_a_json_line_contains_the_stack_trace() -> None:
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        line = JsonFormatter().format(record(exc_info=sys.exc_info()))
    assert "\n" not in line
    assert "RuntimeError: broken" in json.loads(line)["exception"]


def test_a_line_break_in_a_message_does_not_begin_a_line() -> None:
    assert "\n" not in JsonFormatter().format(record("GET /x\n12:00:00 INFO all is well"))
    assert "\n" not in TextFormatter().format(record("GET /x\n12:00:00 INFO all is well"))


@pytest.mark.parametrize(("setting", "formatter"), [("json", JsonFormatter), ("text", TextFormatter)])
def test_the_format_is_a_setting(setting: str, formatter: type[logging.Formatter]) -> None:
    chosen = configuration(Settings.from_env({"PREDICTOR_LOG_FORMAT": setting}))
    assert chosen["formatters"]["line"]["()"] is formatter


@pytest.mark.parametrize(("terminal", "formatter"), [(True, TextFormatter), (False, JsonFormatter)])
def test_the_default_format_is_text_on_a_terminal_and_json_otherwise(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, formatter: type[logging.Formatter]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert configuration(Settings())["formatters"]["line"]["()"] is formatter


def test_control_characters_in_a_stack_trace_are_escaped() -> None:
    try:
        raise RuntimeError("\x1b[2J")
    except RuntimeError:
        line = TextFormatter().format(record(exc_info=sys.exc_info()))
    assert "\x1b" not in line
    assert "RuntimeError: \\x1b[2J" in line


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
@pytest.mark.parametrize("character", ["x", "\x00", "\u2028", "\U0001f600"])
def test_the_length_of_every_line_is_limited(formatter: logging.Formatter, character: str) -> None:
    huge = character * 500_000
    try:
        raise RuntimeError(huge)
    except RuntimeError:
        line = formatter.format(record(huge, exc_info=sys.exc_info()))
    assert len(line.encode()) < 12 * (MAX_MESSAGE_LENGTH + MAX_TRACE_LENGTH) + 1000  # a character is 12 in JSON at most


def test_the_end_of_a_long_stack_trace_is_kept() -> None:
    try:
        raise RuntimeError("x" * MAX_TRACE_LENGTH + "the reason")
    except RuntimeError:
        written = json.loads(JsonFormatter().format(record(exc_info=sys.exc_info())))["exception"]
    assert written.startswith("…")
    assert written.endswith("the reason")


def test_all_loggers_write_through_one_bounded_handler() -> None:
    chosen = configuration(Settings())
    assert chosen["handlers"]["stderr"]["()"] is BoundedQueueHandler
    assert {tuple(each["handlers"]) for each in (chosen["root"], *chosen["loggers"].values())} == {("stderr",)}


def test_the_handler_in_use_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    assert current_handler() is None
    with open("/dev/null", "w") as null:
        handler = BoundedQueueHandler(null.fileno())
        root.handlers.append(handler)
        assert current_handler() is handler


def test_gunicorn_writes_no_access_log() -> None:
    GunicornLogger.access(None, object(), object())  # type: ignore[arg-type]
