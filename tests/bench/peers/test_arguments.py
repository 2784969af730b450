from pathlib import Path

import pytest

from tests.bench.peers.arguments import CELLS, SATURATING, parse
from tests.bench.peers.contestants import contestants


def test_everybody_takes_part_unless_told_otherwise() -> None:
    assert parse([]).only == tuple(each.key for each in contestants(1))


def test_quick_is_one_short_round() -> None:
    quick, whole = parse(["--quick"]), parse([])
    assert (quick.rounds, quick.starts) == (1, 1)
    assert quick.seconds < whole.seconds


def test_what_is_given_counts_more_than_quick() -> None:
    assert parse(["--quick", "--seconds", "2.5"]).seconds == 2.5


def test_some_can_be_chosen() -> None:
    assert parse(["--only", "naive,torch"]).only == ("naive", "torch")


@pytest.mark.parametrize("wrong", [["--only", "torhc"], ["--rounds", "-1"], ["--seconds", "-1"]])
def test_what_makes_no_sense_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(wrong)
    assert wrong[0] in capsys.readouterr().err


def test_environments_and_report_go_where_git_does_not_look() -> None:
    options = parse([])
    assert Path("runs").resolve() in options.folder.parents
    assert Path("runs").resolve() in options.out.parents


def test_the_open_loop_can_know_what_each_can_do() -> None:
    assert ("png", SATURATING) in CELLS
