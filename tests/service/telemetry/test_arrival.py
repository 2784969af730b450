import time
from types import SimpleNamespace

import pytest

from service.telemetry.arrival import LONGEST_SECONDS, waited


def test_a_request_waits_from_its_first_byte_on() -> None:
    assert waited({"gunicorn.socket": SimpleNamespace(arrived=100.0)}, 100.25, False) == 0.25


@pytest.mark.parametrize("environ", [{}, {"gunicorn.socket": object()}])
def test_where_nobody_knows_it_has_not_waited(environ: dict[str, object]) -> None:
    assert waited(environ, 100.0, True) == 0.0


@pytest.mark.parametrize(("prefix", "unit"), [("t=", 1), ("", 1), ("", 1e3), ("t=", 1e6)])
def test_a_trusted_proxys_moment_counts_in_whatever_unit_it_writes(prefix: str, unit: float) -> None:
    header = f"{prefix}{(time.time() - 2) * unit:.3f}"
    assert waited({"HTTP_X_REQUEST_START": header}, 100.0, True) == pytest.approx(2, abs=0.5)


def test_a_clients_header_counts_for_nothing_unless_it_is_trusted() -> None:
    assert waited({"HTTP_X_REQUEST_START": f"t={time.time() - 2}"}, 100.0, False) == 0.0


@pytest.mark.parametrize("header", ["", "t=", "soon", "nan", "inf", "-1", f"t={10**400}"])
def test_a_header_that_makes_no_sense_is_ignored(header: str) -> None:
    environ = {"HTTP_X_REQUEST_START": header, "gunicorn.socket": SimpleNamespace(arrived=99.0)}
    assert waited(environ, 100.0, True) == 1.0


@pytest.mark.parametrize("ago", [-5.0, LONGEST_SECONDS + 5])
def test_a_moment_in_the_future_or_long_ago_is_a_wrong_clock(ago: float) -> None:
    assert waited({"HTTP_X_REQUEST_START": f"t={time.time() - ago}"}, 100.0, True) == 0.0
