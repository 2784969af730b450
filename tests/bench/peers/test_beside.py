from typing import Any

import pytest

from tests.bench.peers.beside import faster, quicker


def row(*rates: float, p99: float | None) -> dict[str, Any]:
    return {"rounds": [{"rate": rate} for rate in rates], "p99": p99}


@pytest.fixture
def rows() -> dict[str, Any]:
    return {
        "mine": row(400, 200, p99=10),
        "fast and late": row(200, 100, p99=80),
        "slow and swift": row(50, 50, p99=20),
        "dead": row(0, 0, p99=None),
    }


OTHERS = ["fast and late", "slow and swift", "dead"]


def test_the_rate_is_compared_with_the_fastest_of_the_same_round(rows: dict[str, Any]) -> None:
    assert faster(rows, "mine", OTHERS) == 2


def test_the_latency_is_compared_with_the_least(rows: dict[str, Any]) -> None:
    assert quicker("p99")(rows, "mine", OTHERS) == 0.5


def test_one_that_answered_nothing_is_compared_with_nobody(rows: dict[str, Any]) -> None:
    assert quicker("p99")(rows, "dead", OTHERS) is None
