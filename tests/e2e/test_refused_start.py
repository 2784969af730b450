import re
import socket

import pytest

from tests.e2e.conftest import Start
from tests.e2e.server import Server

CONFIGURATION_ERROR = 78
"""EX_CONFIG of sysexits.h."""


def refusal(server: Server) -> str:
    """The only line that a server writes that refuses to start."""
    assert server.exit_code() == CONFIGURATION_ERROR, server.log()
    [line] = server.log().splitlines()  # no stack trace, and no worker was forked: it would say so
    assert line.startswith("cifar10: ")
    return line


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("prot", 8000, r"PREDICTOR_PROT is not a setting: did you mean PREDICTOR_PORT\?"),
        ("xyzzy", 1, r"PREDICTOR_XYZZY is not a setting; known are PREDICTOR_"),
        ("port", "http", r"PREDICTOR_PORT='http' is not valid: expected an integer from 1 to 65535"),
        ("max_images", 4096, r"PREDICTOR_MAX_IMAGES='4096' is not valid: "),
        ("max_images", 65, r"PREDICTOR_MAX_IMAGES=65 is more than PREDICTOR_QUEUE_CAPACITY=64"),
        ("host", "192.0.2.1", r"cannot listen on PREDICTOR_HOST=192\.0\.2\.1 .*: Cannot assign requested address"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line(start: Start, setting: str, value: object, line: str) -> None:
    assert re.search(line, refusal(start(**{setting: value})))


def test_the_same_port_for_both_servers_is_refused(start: Start) -> None:
    assert "PREDICTOR_OPS_PORT=8123 is also PREDICTOR_PORT" in refusal(start(port=8123, ops_port=8123))


@pytest.mark.parametrize("setting", ["port", "ops_port"])
def test_a_port_in_use_is_refused(start: Start, setting: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(start(**{setting: port}))
    assert f"PREDICTOR_{setting.upper()}={port}" in line
    assert line.endswith("Address already in use")


@pytest.mark.parametrize(("arguments", "settings"), [(["-w", "2"], {}), ([], {"WEB_CONCURRENCY": 2})], ids=str)
def test_a_worker_count_from_gunicorn_that_differs_from_the_setting_is_refused(
    start: Start, arguments: list[str], settings: dict[str, object]
) -> None:
    line = refusal(start(*arguments, **settings))
    assert "sets 2 workers, but PREDICTOR_WORKERS sets 1" in line
