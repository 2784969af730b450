import pytest

from k8s.rollout_check.timeline import step, timeline
from tests.k8s.rollout_check.loads import outcome


@pytest.mark.parametrize(
    ("seconds", "most", "length"), [(1, 60, 0.1), (6, 60, 0.1), (6.1, 60, 0.2), (45, 60, 1.0), (600, 60, 10), (1, 1, 1)]
)
def test_pieces_are_as_short_as_the_room_allows(seconds: float, most: int, length: float) -> None:
    assert step(seconds, most) == length


def test_a_run_of_days_still_fits() -> None:
    assert step(1e6, 60) * 60 == pytest.approx(1e6)


def test_each_request_is_in_the_piece_it_was_due_in() -> None:
    pieces = timeline([outcome(due) for due in (0.0, 0.9, 1.0, 2.4)], seconds=2.75, length=1.0)
    assert [piece.requests.sent for piece in pieces] == [2, 1, 1]
    assert [(piece.start, piece.seconds) for piece in pieces] == [(0.0, 1.0), (1.0, 1.0), (2.0, 0.75)]


def test_a_sliver_at_the_end_is_no_piece_as_it_would_look_like_an_outage() -> None:
    pieces = timeline([outcome(due) for due in (0.0, 1.5)], seconds=2.25, length=1.0)
    assert [(piece.start, piece.seconds) for piece in pieces] == [(0.0, 1.0), (1.0, 1.25)]


def test_one_that_was_due_at_the_very_end_is_in_the_last_piece() -> None:
    assert [piece.requests.sent for piece in timeline([outcome(2.0)], seconds=2.0, length=1.0)] == [0, 1]


def test_a_run_without_requests_has_a_piece_all_the_same() -> None:
    [piece] = timeline([], seconds=0.0, length=1.0)
    assert piece.requests.sent == 0


def test_versions_are_counted_by_piece() -> None:
    outcomes = [outcome(0), outcome(0.5, version="2.0.0"), outcome(0.6, lost="timeout")]
    [piece] = timeline(outcomes, seconds=1.0, length=1.0)
    assert piece.versions == {"1.0.0": 1, "2.0.0": 1}
