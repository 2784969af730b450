"""The text report and its picture."""

import json

import pytest

from k8s.rollout_check.outcome import Outcome, Phases
from k8s.rollout_check.report import BLOCKS, MOST_ROWS, PLAIN, Pen, axis, document, draw, text
from tests.k8s.rollout_check.loads import outcome, result

PHASES = Phases(10.0, 30.0, 40.0)


def rollout() -> list[Outcome]:
    """Ten requests per second for 40 s, with a new version after 20 s and one second of errors before it."""
    outcomes = []
    for number in range(400):
        due = number / 10
        if 19 <= due < 20:
            outcomes.append(
                Outcome(due, due + 0.001, 0.0, number % 2 == 0, lost="503 draining", detail="Shutting down.")
            )
        else:
            slow = 0.2 if 20 <= due < 22 else 0.01
            outcomes.append(outcome(due, slow, version="1.0.0" if due < 20 else "1.1.0", kept=number % 2 == 0))
    return outcomes


def test_a_report_with_losses() -> None:
    assert text(result(rollout(), PHASES), BLOCKS, width=40).splitlines() == [
        "LOST 10 of 400 requests:",
        "    10  503 draining  from 19.0 to 19.9 s, 5 on kept and 5 on new connections; the first: Shutting down.",
        "",
        "             sent     ok   lost       p50       p90       p99       max",
        "before        100    100      0   10.0 ms   10.0 ms   10.0 ms   10.0 ms",
        "during        200    190     10   10.0 ms    200 ms    200 ms    200 ms",
        "after         100    100      0   10.0 ms   10.0 ms   10.0 ms   10.0 ms",
        "",
        "answered  ███████████████████ ████████████████████ of 10/s",
        "p50       ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ ██▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ up to 200 ms",
        "max       ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ ██▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ up to 200 ms",
        "lost                         █                     up to 10 in 1 s",
        "1.0.0     ███████████████████                      190 answers",
        "1.1.0                         ████████████████████ 200 answers",
        "          ├ before ─├ during ───────────├ after ── 40 s",
    ]


def test_a_report_without_losses_in_ascii() -> None:
    outcomes = [outcome(number / 10) for number in range(400)]
    report = text(result(outcomes, PHASES), PLAIN, width=20)
    assert report.isascii()
    assert report.startswith("No request was lost: 400 sent, 400 answered correctly.\n\n")
    assert "\nanswered  #################### of 10/s\n" in report
    assert "\nlost" not in report


def test_requests_that_were_not_sent_are_reported_but_not_lost() -> None:
    found = result([outcome(0.0)], PHASES, unsent={"Too many open files": 7})
    report = text(found, PLAIN, width=20)
    assert report.startswith("No request was lost: 1 sent")
    assert "did not keep the rate: 7 requests were not sent and are not counted: Too many open files." in report


def test_a_late_client_is_reported_as_the_cause_of_latency() -> None:
    outcomes = [Outcome(0.0, 0.5, late=0.4, kept=True, version="1.0.0"), outcome(1.0)]
    lines = text(result(outcomes, PHASES), PLAIN, width=20).splitlines()
    assert "The client was busy: 1 of 2 requests were sent over 10 ms late, the worst 400 ms." in lines


def test_negligible_lateness_is_not_reported() -> None:
    outcomes = [Outcome(0.0, 0.5, late=0.4, kept=True, version="1.0.0"), *[outcome(1.0)] * 100]
    assert "busy" not in text(result(outcomes, PHASES), PLAIN, width=20)


def test_only_the_first_versions_are_drawn() -> None:
    outcomes = [outcome(number / 10, version=f"1.0.{number}") for number in range(MOST_ROWS + 3)]
    lines = text(result(outcomes, PHASES), PLAIN, width=20).splitlines()
    assert sum(line.startswith("1.0.") for line in lines) == MOST_ROWS
    assert "          and 3 more" in lines


def test_a_long_version_is_printed_after_its_line() -> None:
    report = text(result([outcome(0.0, version="2026.11.25-rc1")], PHASES), PLAIN, width=20)
    assert "\n2026.11.2 " in report
    assert "1 answers of 2026.11.25-rc1" in report


def test_a_run_without_requests_has_a_report() -> None:
    assert "No request was lost: 0 sent" in text(result([], Phases(0.0, 0.0, 0.0)), BLOCKS, width=20)


def test_a_failure_is_reported_first() -> None:
    assert text(result(rollout(), PHASES, failure="`x` exited with 1"), PLAIN, width=20).startswith(
        "FAILED: `x` exited with 1\nLOST 10 of 400 requests:\n"
    )


def test_json_has_the_same_figures() -> None:
    found = json.loads(document(result(rollout(), PHASES, unsent={"why": 2}, changes=["a"]), exit_code=1))
    assert (found["exit_code"], found["sent"], found["ok"], found["lost"]) == (1, 400, 390, 10)
    assert found["phases"]["during"]["latency_seconds"]["p90"] > 0.19
    assert (found["phases"]["after"]["start"], found["phases"]["after"]["end"]) == (30.0, 40.0)
    assert found["losses"][0]["first"] == 19.0
    assert (found["not_sent"], found["disagreements"]) == ({"why": 2}, ["a"])
    assert sum(piece["lost"] for piece in found["timeline"]) == 10


PENS = pytest.mark.parametrize("pen", [BLOCKS, PLAIN], ids=["blocks", "plain"])


@PENS
def test_heights_are_proportional_to_values(pen: Pen) -> None:
    assert draw([8, 4, 2, 1], pen) == pen.levels[7] + pen.levels[4] + pen.levels[2] + pen.levels[1]


@PENS
def test_small_values_are_visible(pen: Pen) -> None:
    assert draw([0, 0.001, 1000, None], pen) == " " + pen.levels[0] + pen.levels[7] + " "


def test_values_over_the_top_are_cut() -> None:
    assert draw([50, 51, 25], BLOCKS, top=50) == "██▅"


def test_zero_and_missing_values_are_blank() -> None:
    assert draw([0, None, 0.0], BLOCKS) == "   "


def test_plain_is_ascii() -> None:
    assert "".join((PLAIN.levels, PLAIN.edge, PLAIN.line)).isascii()


@PENS
def test_the_axis_marks_the_start_of_each_phase(pen: Pen) -> None:
    line = axis(Phases(10.0, 30.0, 40.0), length=1.0, width=40, pen=pen)
    assert len(line) == 40
    assert [at for at, character in enumerate(line) if character == pen.edge] == [0, 10, 30]
    assert line[10:].startswith(f"{pen.edge} during ")


def test_a_phase_name_without_room_is_omitted() -> None:
    assert axis(Phases(4.0, 14.0, 18.0), length=1.0, width=18, pen=BLOCKS) == "├───├ during ─├───"


@pytest.mark.parametrize(
    "phases", [Phases(0.0, 5.0, 10.0), Phases(5.0, 5.001, 10.0), Phases(5.0, 9.0, 9.0), Phases(0.0, 0.0, 0.0)]
)
def test_a_phase_without_room_is_omitted(phases: Phases) -> None:
    assert len(axis(phases, length=1.0, width=10, pen=BLOCKS)) == 10
