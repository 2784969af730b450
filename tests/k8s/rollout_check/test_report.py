"""The report, as a person sees it."""

import json

from k8s.rollout_check.document import document
from k8s.rollout_check.outcome import Outcome
from k8s.rollout_check.phases import Phases
from k8s.rollout_check.picture import BLOCKS, PLAIN
from k8s.rollout_check.report import MOST_ROWS, text
from tests.k8s.rollout_check.loads import outcome
from tests.k8s.rollout_check.results import result

PHASES = Phases(10.0, 30.0, 40.0)


def rollout() -> list[Outcome]:
    """Ten requests a second for 40 s; a new version from 20 s on, and a second of refusals before it."""
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


def test_a_report_without_losses_is_plain_where_it_has_to_be() -> None:
    outcomes = [outcome(number / 10) for number in range(400)]
    report = text(result(outcomes, PHASES), PLAIN, width=20)
    assert report.isascii()
    assert report.startswith("Nothing was lost: 400 requests, 400 right answers.\n\n")
    assert "\nanswered  #################### of 10/s\n" in report
    assert "\nlost" not in report


def test_what_this_machine_did_not_send_is_said_and_is_no_loss() -> None:
    found = result([outcome(0.0)], PHASES, unsent={"Too many open files": 7})
    report = text(found, PLAIN, width=20)
    assert report.startswith("Nothing was lost: 1 requests")
    assert "did not keep the rate: 7 requests were not sent, and count as nothing: Too many open files." in report


def test_a_machine_that_was_late_takes_the_blame() -> None:
    outcomes = [Outcome(0.0, 0.5, late=0.4, kept=True, version="1.0.0"), outcome(1.0)]
    lines = text(result(outcomes, PHASES), PLAIN, width=20).splitlines()
    assert "This machine was busy: 1 of 2 requests began over 10 ms late, one of them 400 ms." in lines


def test_that_requests_were_hardly_late_is_not_worth_a_word() -> None:
    outcomes = [Outcome(0.0, 0.5, late=0.4, kept=True, version="1.0.0"), *[outcome(1.0)] * 100]
    assert "busy" not in text(result(outcomes, PHASES), PLAIN, width=20)


def test_versions_without_end_are_cut_and_counted() -> None:
    outcomes = [outcome(number / 10, version=f"1.0.{number}") for number in range(MOST_ROWS + 3)]
    lines = text(result(outcomes, PHASES), PLAIN, width=20).splitlines()
    assert sum(line.startswith("1.0.") for line in lines) == MOST_ROWS
    assert "          and 3 more" in lines


def test_a_version_whose_name_is_too_long_for_its_line_is_named_behind_it() -> None:
    report = text(result([outcome(0.0, version="2026.11.25-rc1")], PHASES), PLAIN, width=20)
    assert "\n2026.11.2 " in report
    assert "1 answers of 2026.11.25-rc1" in report


def test_nothing_that_was_sent_is_a_report_too() -> None:
    assert "Nothing was lost: 0 requests" in text(result([], Phases(0.0, 0.0, 0.0)), BLOCKS, width=20)


def test_the_failure_comes_first() -> None:
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
