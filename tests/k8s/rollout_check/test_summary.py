import pytest

from k8s.rollout_check.outcome import Outcome
from k8s.rollout_check.phases import Phases
from k8s.rollout_check.summary import by_phase, lateness, losses, part, quantile
from tests.k8s.rollout_check.loads import outcome


@pytest.mark.parametrize(
    ("q", "value"), [(0.0, 1.0), (0.5, 50.0), (0.501, 51.0), (0.9, 90.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0)]
)
def test_a_quantile_is_the_least_value_that_the_share_does_not_exceed(q: float, value: float) -> None:
    assert quantile([float(n) for n in range(1, 101)], q) == value


def test_of_one_value_every_quantile_is_that() -> None:
    assert {quantile([7.0], q) for q in (0.0, 0.5, 0.99, 1.0)} == {7.0}


def test_latencies_are_of_right_answers_only() -> None:
    found = part([outcome(0, 0.1), outcome(1, 0.2), outcome(2, 0.001, lost="connection refused")])
    assert (found.sent, found.ok, found.lost) == (3, 2, 1)
    assert found.latency == pytest.approx({"p50": 0.1, "p90": 0.2, "p99": 0.2, "max": 0.2})


def test_where_nothing_was_answered_there_is_no_latency() -> None:
    assert part([outcome(0, lost="timeout")]).latency is None
    assert part([]).latency is None


def test_a_request_belongs_to_the_phase_in_which_it_was_due_whenever_it_was_answered() -> None:
    outcomes = [outcome(due, latency=100.0) for due in (0.0, 0.99, 1.0, 1.5, 2.0, 2.5, 3.0)]
    counts = {name: found.sent for name, found in by_phase(outcomes, Phases(1.0, 2.0, 3.0)).items()}
    assert counts == {"before": 2, "during": 2, "after": 3}


def test_losses_have_their_kind_their_moments_and_their_first_detail() -> None:
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


def test_a_request_is_late_when_it_began_later_than_it_was_due() -> None:
    found = lateness([Outcome(0.0, 1.0, late, kept=True) for late in (0.0, 0.009, 0.011, 0.5)])
    assert (found.count, found.worst) == (2, 0.5)
    assert lateness([]).worst == 0.0
