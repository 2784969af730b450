import time
from types import SimpleNamespace

import pytest

from service.telemetry.arrival import LONGEST_SECONDS, moments


def test_a_request_waits_from_its_first_byte_until_a_thread_takes_it() -> None:
    connection = SimpleNamespace(arrived=100.0, taken=100.25)
    assert moments({"gunicorn.socket": connection}, 107.0, False) == (100.0, 100.25)


@pytest.mark.parametrize("environ", [{}, {"gunicorn.socket": object()}])
def test_where_nobody_knows_it_has_not_waited(environ: dict[str, object]) -> None:
    assert moments(environ, 100.0, True) == (100.0, 100.0)


@pytest.mark.parametrize(("prefix", "unit"), [("t=", 1), ("", 1), ("", 1e3), ("t=", 1e6)])
def test_a_trusted_proxys_moment_counts_in_whatever_unit_it_writes(prefix: str, unit: float) -> None:
    header = f"{prefix}{(time.time() - 2) * unit:.3f}"
    assert moments({"HTTP_X_REQUEST_START": header}, 100.0, True).arrived == pytest.approx(98, abs=0.5)


def test_a_clients_header_counts_for_nothing_unless_it_is_trusted() -> None:
    assert moments({"HTTP_X_REQUEST_START": f"t={time.time() - 2}"}, 100.0, False).arrived == 100.0


@pytest.mark.parametrize("header", ["", "t=", "soon", "nan", "inf", "-1", f"t={10**400}"])
def test_a_header_that_makes_no_sense_is_ignored(header: str) -> None:
    environ = {"HTTP_X_REQUEST_START": header, "gunicorn.socket": SimpleNamespace(arrived=99.0, taken=99.5)}
    assert moments(environ, 100.0, True) == (99.0, 99.5)


@pytest.mark.parametrize("ago", [-5.0, LONGEST_SECONDS + 5])
def test_a_moment_in_the_future_or_long_ago_is_a_wrong_clock(ago: float) -> None:
    assert moments({"HTTP_X_REQUEST_START": f"t={time.time() - ago}"}, 100.0, True).arrived == 100.0


def test_a_proxys_moment_after_the_thread_took_it_is_no_negative_wait() -> None:
    environ = {
        "HTTP_X_REQUEST_START": f"t={time.time()}",
        "gunicorn.socket": SimpleNamespace(arrived=90.0, taken=91.0),
    }
    assert moments(environ, 100.0, True) == (91.0, 91.0)
