import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
ENVIRONMENT = {"PATH": os.environ["PATH"]}

SERVER = """
import os, signal, sys, time

def stop(*_):
    time.sleep(0.5)  # like gunicorn, which outlives the signal: make reports an error if its child is gone first
    sys.exit(0)

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, stop)
print(os.getpid(), flush=True)
for _ in range(600):
    time.sleep(0.1)  # in short steps, because a signal that arrives just before a sleep is handled after it
"""


def make(*arguments: str, folder: Path = ROOT) -> str:
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True
    ).stdout


def targets() -> set[str]:
    [phony] = re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)
    return set(phony.split())


def test_make_without_a_target_lists_all_targets_with_descriptions() -> None:
    listed = dict(re.findall(r"^make ([a-z-]+) +(\S.*)", make(), re.MULTILINE))
    assert listed.keys() == targets()


def test_contributing_mentions_existing_targets_only() -> None:
    named = re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert {first or second for first, second in named} <= targets()


def test_training_downloads_the_data_unless_a_folder_is_given() -> None:
    assert "--data" not in make("--dry-run", "train")
    assert '--data "my images" --epochs 1' in make("--dry-run", "train", "DATA=my images", "ARGS=--epochs 1")


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """A folder with the Makefile, an empty setup-venv.sh and a fake gunicorn."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "server.py").write_text(SERVER)
    programs = {"setup-venv.sh": "#!/bin/sh\n", ".venv/bin/gunicorn": f'#!/bin/sh\nexec "{sys.executable}" server.py\n'}
    for name, text in programs.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("stop", ["Ctrl-C", "SIGTERM to the server"])
def test_make_run_stops_without_an_error_message_on(stop: str, served: Path) -> None:
    with subprocess.Popen(
        ["make", "run"],
        cwd=served,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as run:
        assert run.stdout is not None
        server = int(run.stdout.readline())
        if stop == "Ctrl-C":
            os.killpg(run.pid, signal.SIGINT)
        else:
            os.kill(server, signal.SIGTERM)
        assert run.stdout.read() == ""
        assert run.wait(timeout=10) in (0, -signal.SIGINT)
