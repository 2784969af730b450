"""Every exit code, except that of lost requests, which is in test_losses.py."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from k8s.rollout_check.arguments import EXIT_CODES, parse
from tests.e2e.server import ROOT, eventually, free_ports
from tests.k8s.rollout_check.fake import Fake, prediction, problem, running
from tests.k8s.rollout_check.tool import QUICK, rollout_check


@pytest.fixture
def fake() -> Iterator[Fake]:
    with running(lambda _: prediction()) as fake:
        yield fake


def test_a_run_without_losses_exits_with_0(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, command=["echo", "rolled out"])
    sent = len(fake.requests) - 1
    assert done.code == 0
    assert done.report.startswith(f"No request was lost: {sent} sent, {sent} answered correctly.\n")
    assert "rolled out" in done.steps
    assert "rolled out" not in done.report


def test_a_closed_output_keeps_the_exit_code(fake: Fake, run_unread: Callable[..., tuple[int, str]]) -> None:
    code, said = run_unread("-m", "k8s.rollout_check", *QUICK, "--url", fake.url, "--", "true")
    assert code == 0
    assert "Traceback" not in said


def test_a_failing_command_exits_with_3(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, command=["false"])
    assert done.code == 3
    assert done.report.startswith("FAILED: `false` exited with 1\nNo request was lost: ")


def test_an_incomplete_rollout_exits_with_3(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, "--until", "false", "-o", "json", command=["true"])
    assert (done.code, done.json["exit_code"]) == (3, 3)
    assert done.json["failure"] == "`false` exited with 1"


def test_a_rollout_beyond_the_timeout_is_terminated_and_exits_with_3(fake: Fake) -> None:
    done = rollout_check("--url", fake.url, "--timeout", "0.5", "--until", "sleep 1000", command=["true"])
    assert done.code == 3
    assert "FAILED: not complete within 0.5 s" in done.report


def test_lost_requests_take_precedence_over_a_failing_command() -> None:
    with running(lambda request: problem(500, "internal_error", "") if request.number else prediction()) as fake:
        done = rollout_check("--url", fake.url, command=["false"])
    assert done.code == 1
    assert "FAILED: " in done.report
    assert "LOST " in done.report


def test_an_unreachable_server_exits_with_2() -> None:
    port, _ = free_ports()
    done = rollout_check("--url", f"http://127.0.0.1:{port}", command=["echo", "rolled out"])
    assert (done.code, done.report) == (2, "")
    assert f"http://127.0.0.1:{port}/predict: connection refused" in done.steps
    assert "rolled out" not in done.steps


def test_an_unready_server_exits_with_2_and_its_error() -> None:
    with running(lambda _: problem(503, "not_ready", "The server's state is: loading.")) as fake:
        done = rollout_check("--url", fake.url)
    assert done.code == 2
    assert "503 not_ready (The server's state is: loading.)" in done.steps
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--", "true"], "required: --url"),
        (["--url", "http://localhost"], "no command"),
        (["--url", "localhost:8000", "--", "true"], "not an http:// or https:// URL"),
        (["--url", "http://localhost", "--", "no-such-command"], "there is no command 'no-such-command'"),
        (["--url", "http://localhost", "--rate", "0", "--", "true"], "--rate"),
        (["--url", "http://localhost", "--after=-1", "--", "true"], "--after"),
        (["--url", "http://localhost", "--max-in-flight", "0", "--", "true"], "--max-in-flight"),
        (["--url", "http://localhost", "--image", "no-such.png", "--", "true"], "No such file"),
        (["--url", "http://localhost", "--until", "'", "--", "true"], "No closing quotation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_usage_exits_with_2_and_an_explanation(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(arguments)
    assert exit_.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_terminates_the_command_and_exits_with_130(fake: Fake, number: signal.Signals) -> None:
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
