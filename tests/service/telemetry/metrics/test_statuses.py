import re

import pytest

from service.errors import ERRORS
from service.telemetry.metrics import statuses
from service.telemetry.metrics.statuses import STATUSES, UNMATCHED


@pytest.mark.parametrize("status", [200, 429, 500, 503, 504])
def test_what_tells_how_the_server_predicts_is_told_exactly(status: int) -> None:
    assert statuses.label("/predict", status) == str(status)


@pytest.mark.parametrize("status", [400, 408, 413, 415, 422])
def test_the_faults_of_requests_are_one(status: int) -> None:
    assert statuses.label("/predict", status) == "4xx"


@pytest.mark.parametrize(
    ("route", "status", "label"),
    [
        ("/feedback", 202, "202"),
        ("/feedback", 409, "4xx"),
        ("/feedback", 503, "5xx"),
        ("/model", 503, "5xx"),
        (UNMATCHED, 404, "4xx"),
        (UNMATCHED, 431, "4xx"),
        ("/new", 200, "200"),
        ("/new", 400, "4xx"),
        ("/new", 504, "5xx"),
    ],
)
def test_elsewhere_only_success_is_told_from_either_kind_of_error(route: str, status: int, label: str) -> None:
    assert statuses.label(route, status) == label


@pytest.mark.parametrize("status", {error.status for error in ERRORS})
def test_a_query_for_a_class_of_statuses_finds_it_in_either_form(status: int) -> None:
    for route in STATUSES:
        assert re.fullmatch(f"{status // 100}..", statuses.label(route, status))
