import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHELLCHECK = Path(sys.executable).with_name("shellcheck")


@pytest.fixture
def workflow() -> Any:
    return yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())


def test_ci_run_lints_and_then_passes_the_tests_twice() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    lint, first, second = re.findall(r"^make .*", script.read_text(), re.MULTILINE)
    assert (lint, first) == ("make lint", "make test")
    left_out = re.fullmatch(r'make test ARGS="((?:--ignore=tests/\S+ ?)+)"', second)
    assert left_out
    for each in left_out[1].split():
        assert (ROOT / each.removeprefix("--ignore=")).is_dir(), each


def test_ci_run_insists_on_the_tools_that_tests_need() -> None:
    assert "\nexport CI=true" in (ROOT / ".ci/run").read_text()


def test_the_workflow_runs_the_same_script(workflow: Any) -> None:
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands == [".ci/run"]


def test_the_workflow_may_only_read_and_pins_its_actions(workflow: Any) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    actions = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert [action for action in actions if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == []


@pytest.mark.parametrize("script", ["setup-venv.sh", ".ci/run"])
def test_shellcheck_finds_nothing_in(script: str) -> None:
    checked = subprocess.run([SHELLCHECK, ROOT / script], capture_output=True, text=True)
    assert checked.stdout + checked.stderr == ""


def test_every_tool_that_a_test_asks_for_is_installed_by_ci() -> None:
    asked = {
        package
        for path in (ROOT / "tests").rglob("*.py")
        if path.parent != ROOT / "tests" / "workshop"
        for packages in re.findall(r'require_tool\("[^"]+", "([^"]+)"\)', path.read_text())
        for package in packages.split()
    }
    installed = set(re.findall(r"^    \S+:(\S+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE))
    assert {"nginx-light", "podman"} <= asked
    assert asked <= installed
