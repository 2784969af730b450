import pytest

from tests.bench.peers.figures import latencies, quantile, ratio


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (0.01, 1)])
def test_a_quantile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert quantile(range(1, 101), share) == expected


@pytest.mark.parametrize(("values", "share"), [(100, 0.999), (99, 0.99), (0, 0.5), (1, 0.99)])
def test_too_few_values_have_no_such_quantile(values: int, share: float) -> None:
    assert quantile(range(values), share) is None


def test_latencies_are_in_milliseconds_whatever_their_order() -> None:
    assert latencies([0.003, 0.001, 0.002]) == {"p50": 2.0, "p99": None, "p999": None}


def test_a_ratio_compares_within_each_round() -> None:
    halved_together = ratio([200, 100, 200], [100, 50, 100])
    assert halved_together == 2


def test_there_is_no_ratio_to_one_that_did_nothing() -> None:
    assert ratio([1], [0]) is None
