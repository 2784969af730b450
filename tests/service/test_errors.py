from http import HTTPStatus

import pytest

from service.errors import ERRORS, LONGEST_DETAIL, BadRequest, ServiceError


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in ERRORS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_says_what_to_do(error: type[ServiceError]) -> None:
    assert 400 <= HTTPStatus(error.status) < 600
    assert error.code.isascii()
    assert error.code.replace("_", "").islower()
    assert error.title
    assert error.hint


def test_a_detail_is_cut_however_much_of_a_request_it_quotes() -> None:
    assert BadRequest("x" * LONGEST_DETAIL).detail == "x" * LONGEST_DETAIL
    assert BadRequest("x" * 500_000).detail == "x" * LONGEST_DETAIL + "…"
