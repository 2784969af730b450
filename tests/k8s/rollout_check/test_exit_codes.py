"""Every end that a check can come to, but for lost requests, which test_losses.py is about."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from k8s.rollout_check.arguments import EXIT_CODES, parse
from tests.e2e.server import ROOT, eventually, free_ports
from tests.k8s.rollout_check.fake import Fake, prediction, problem, running
from tests.k8s.rollout_check.tool import QUICK, rollout_check
from tests.k8s.unread import unread


@pytest.fixture
def fake() -> Iterator[Fake]:
    with running(lambda _: prediction()) as fake:
        yield fake


def test_nothing_lost_is_0(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, command=["echo", "rolled out"])
    sent = len(fake.requests) - 1
    assert done.code == 0
    assert done.report.startswith(f"Nothing was lost: {sent} requests, {sent} right answers.\n")
    assert "rolled out" in done.steps
    assert "rolled out" not in done.report


def test_a_report_that_nobody_reads_leaves_its_exit_code(fake: Fake) -> None:
    code, said = unread("k8s.rollout_check", *QUICK, "--url", fake.url, "--", "true")
    assert code == 0
    assert "Traceback" not in said


def test_a_command_that_fails_is_3(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, command=["false"])
    assert done.code == 3
    assert done.report.startswith("FAILED: `false` exited with 1\nNothing was lost: ")


def test_a_rollout_that_does_not_complete_is_3(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, "--until", "false", "-o", "json", command=["true"])
    assert (done.code, done.json["exit_code"]) == (3, 3)
    assert done.json["failure"] == "`false` exited with 1"


def test_a_rollout_that_takes_too_long_is_3_and_is_ended(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, "--timeout", "0.5", "--until", "sleep 1000", command=["true"])
    assert done.code == 3
    assert "FAILED: not complete within 0.5 s" in done.report


def test_lost_requests_weigh_more_than_a_command_that_fails() -> None:
    with running(lambda request: problem(500, "internal_error", "") if request.number else prediction()) as fake:
        done = rollout_check("--url", fake.url, command=["false"])
    assert done.code == 1
    assert "FAILED: " in done.report
    assert "LOST " in done.report


def test_a_server_that_is_not_there_is_2() -> None:
    port, _ = free_ports()
    done = rollout_check("--url", f"http://127.0.0.1:{port}", command=["echo", "rolled out"])
    assert (done.code, done.report) == (2, "")
    assert f"http://127.0.0.1:{port}/predict: connection refused" in done.steps
    assert "rolled out" not in done.steps


def test_a_server_that_is_not_ready_is_2_with_what_it_says() -> None:
    with running(lambda _: problem(503, "not_ready", "The server's state is: loading.")) as fake:
        done = rollout_check("--url", fake.url)
    assert done.code == 2
    assert "503 not_ready (The server's state is: loading.)" in done.steps
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--", "true"], "required: --url"),
        (["--url", "http://localhost"], "which command?"),
        (["--url", "localhost:8000", "--", "true"], "no http:// or https:// URL"),
        (["--url", "http://localhost", "--", "no-such-command"], "there is no command 'no-such-command'"),
        (["--url", "http://localhost", "--rate", "0", "--", "true"], "--rate"),
        (["--url", "http://localhost", "--after=-1", "--", "true"], "--after"),
        (["--url", "http://localhost", "--max-in-flight", "0", "--", "true"], "--max-in-flight"),
        (["--url", "http://localhost", "--image", "no-such.png", "--", "true"], "No such file"),
        (["--url", "http://localhost", "--until", "'", "--", "true"], "No closing quotation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_usage_is_2_and_says_what_is_wrong(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(arguments)
    assert exit_.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_the_command_too_and_is_130(fake: Fake, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "k8s.rollout_check", "--url", fake.url, "--before=0", "--", "sleep", "1000"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            eventually(lambda: len(fake.requests) > 3, what="traffic")
            process.send_signal(number)
            _, steps = process.communicate(timeout=60)  # would hang if the command still held stderr
        finally:
            process.kill()
    assert process.returncode == 130
    assert steps.endswith("interrupted\n")


def test_the_help_lists_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(["--help"])
    assert exit_.value.code == 0
    assert EXIT_CODES in capsys.readouterr().out
