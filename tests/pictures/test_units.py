import math

import pytest

from tests.pictures.units import written


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0, "s", "0 s"),
        (0.0123, "s", "12.3 ms"),
        (0.000_25, "s", "250 µs"),
        (4.579, "s", "4.58 s"),
        (90, "s", "1.5 mins"),
        (12.5, "ms", "12.5 ms"),
        (0.881, "percentunit", "88.1%"),
        (1, "percentunit", "100%"),
        (0.0018, "percentunit", "0.18%"),
        (0, "percentunit", "0%"),
        (2**30, "bytes", "1 GiB"),
        (1536 * 2**20, "bytes", "1.5 GiB"),
        (27_000, "Bps", "27 kB/s"),
        (178.6, "reqps", "179 req/s"),
        (1600, "short", "1.6 K"),
        (4_194_304, "short", "4.19 Mil"),
        (0.333333, "short", "0.333"),
        (300, "imgs/s", "300 imgs/s"),
        (67, "none", "67"),
        (-0.25, "percentunit", "-25%"),
        (math.inf, "s", "∞"),
        (math.nan, "s", "NaN"),
    ],
)
def test_a_number_is_written_with_three_digits_and_a_unit_of_its_size(value: float, unit: str, expected: str) -> None:
    assert written(value, unit) == expected


def test_decimals_are_kept_where_a_panel_wants_them() -> None:
    assert written(0.15857, "percentunit", 2) == "15.86%"
    assert written(173.04, "short", 1) == "173.0"
