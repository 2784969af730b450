"""Figures of a run, and its timeline."""

import pytest

from k8s.rollout_check.outcome import Outcome, Phases
from k8s.rollout_check.summary import by_phase, lateness, losses, part, quantile, step, timeline
from tests.k8s.rollout_check.loads import outcome


@pytest.mark.parametrize(
    ("q", "value"), [(0.0, 1.0), (0.5, 50.0), (0.501, 51.0), (0.9, 90.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0)]
)
def test_a_quantile_is_a_measured_value(q: float, value: float) -> None:
    assert quantile([float(n) for n in range(1, 101)], q) == value


def test_every_quantile_of_one_value_is_that_value() -> None:
    assert {quantile([7.0], q) for q in (0.0, 0.5, 0.99, 1.0)} == {7.0}


def test_latencies_exclude_lost_requests() -> None:
    found = part([outcome(0, 0.1), outcome(1, 0.2), outcome(2, 0.001, lost="connection refused")])
    assert (found.sent, found.ok, found.lost) == (3, 2, 1)
    assert found.latency == pytest.approx({"p50": 0.1, "p90": 0.2, "p99": 0.2, "max": 0.2})


def test_without_responses_there_is_no_latency() -> None:
    assert part([outcome(0, lost="timeout")]).latency is None
    assert part([]).latency is None


def test_a_request_belongs_to_the_phase_in_which_it_was_due() -> None:
    outcomes = [outcome(due, latency=100.0) for due in (0.0, 0.99, 1.0, 1.5, 2.0, 2.5, 3.0)]
    counts = {name: found.sent for name, found in by_phase(outcomes, Phases(1.0, 2.0, 3.0)).items()}
    assert counts == {"before": 2, "during": 2, "after": 3}


def test_losses_are_grouped_by_kind() -> None:
    outcomes = [
        outcome(3.0, lost="timeout"),
        outcome(2.0, lost="503 draining", kept=True),
        Outcome(1.0, 1.1, 0.0, kept=False, lost="503 draining", detail="Shutting down."),
        outcome(0.0),
    ]
    often, seldom = losses(outcomes)
    assert (often.kind, often.count, often.kept) == ("503 draining", 2, 1)
    assert (often.first, often.last, often.detail) == (1.0, 2.0, "Shutting down.")
    assert (seldom.kind, seldom.first, seldom.last) == ("timeout", 3.0, 3.0)


def test_a_request_is_late_if_it_began_after_it_was_due() -> None:
    found = lateness([Outcome(0.0, 1.0, late, kept=True) for late in (0.0, 0.009, 0.011, 0.5)])
    assert (found.count, found.worst) == (2, 0.5)
    assert lateness([]).worst == 0.0


@pytest.mark.parametrize(
    ("seconds", "most", "length"), [(1, 60, 0.1), (6, 60, 0.1), (6.1, 60, 0.2), (45, 60, 1.0), (600, 60, 10), (1, 1, 1)]
)
def test_intervals_are_as_short_as_the_width_allows(seconds: float, most: int, length: float) -> None:
    assert step(seconds, most) == length


def test_a_timeline_of_days_fits_the_width() -> None:
    assert step(1e6, 60) * 60 == pytest.approx(1e6)


def test_a_request_belongs_to_the_interval_in_which_it_was_due() -> None:
    pieces = timeline([outcome(due) for due in (0.0, 0.9, 1.0, 2.4)], seconds=2.75, length=1.0)
    assert [piece.requests.sent for piece in pieces] == [2, 1, 1]
    assert [(piece.start, piece.seconds) for piece in pieces] == [(0.0, 1.0), (1.0, 1.0), (2.0, 0.75)]


def test_a_short_rest_is_added_to_the_last_interval() -> None:
    pieces = timeline([outcome(due) for due in (0.0, 1.5)], seconds=2.25, length=1.0)
    assert [(piece.start, piece.seconds) for piece in pieces] == [(0.0, 1.0), (1.0, 1.25)]


def test_a_request_due_at_the_end_belongs_to_the_last_interval() -> None:
    assert [piece.requests.sent for piece in timeline([outcome(2.0)], seconds=2.0, length=1.0)] == [0, 1]


def test_a_run_without_requests_has_one_interval() -> None:
    [piece] = timeline([], seconds=0.0, length=1.0)
    assert piece.requests.sent == 0


def test_versions_are_counted_by_interval() -> None:
    outcomes = [outcome(0), outcome(0.5, version="2.0.0"), outcome(0.6, lost="timeout")]
    [piece] = timeline(outcomes, seconds=1.0, length=1.0)
    assert piece.versions == {"1.0.0": 1, "2.0.0": 1}
