import pytest

from k8s.rollout_check.phases import Phases
from k8s.rollout_check.picture import BLOCKS, PLAIN, Pen, axis, draw

PENS = pytest.mark.parametrize("pen", [BLOCKS, PLAIN], ids=["blocks", "plain"])


@PENS
def test_the_largest_is_the_highest_and_the_others_are_in_proportion(pen: Pen) -> None:
    assert draw([8, 4, 2, 1], pen) == pen.levels[7] + pen.levels[4] + pen.levels[2] + pen.levels[1]


@PENS
def test_whatever_is_more_than_nothing_is_seen(pen: Pen) -> None:
    assert draw([0, 0.001, 1000, None], pen) == " " + pen.levels[0] + pen.levels[7] + " "


def test_what_is_over_the_top_is_cut() -> None:
    assert draw([50, 51, 25], BLOCKS, top=50) == "██▅"


def test_nothing_at_all_is_blank() -> None:
    assert draw([0, None, 0.0], BLOCKS) == "   "


def test_plain_is_ascii() -> None:
    assert "".join((PLAIN.levels, PLAIN.edge, PLAIN.line)).isascii()


@PENS
def test_each_phase_begins_where_it_did(pen: Pen) -> None:
    line = axis(Phases(10.0, 30.0, 40.0), length=1.0, width=40, pen=pen)
    assert len(line) == 40
    assert [at for at, character in enumerate(line) if character == pen.edge] == [0, 10, 30]
    assert line[10:].startswith(f"{pen.edge} during ")


def test_a_name_that_does_not_fit_is_left_out() -> None:
    assert axis(Phases(4.0, 14.0, 18.0), length=1.0, width=18, pen=BLOCKS) == "├───├ during ─├───"


@pytest.mark.parametrize(
    "phases", [Phases(0.0, 5.0, 10.0), Phases(5.0, 5.001, 10.0), Phases(5.0, 9.0, 9.0), Phases(0.0, 0.0, 0.0)]
)
def test_a_phase_without_room_is_left_out(phases: Phases) -> None:
    assert len(axis(phases, length=1.0, width=10, pen=BLOCKS)) == 10
