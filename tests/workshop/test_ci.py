import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

RequireTool = Callable[[str, str], str]

ROOT = Path(__file__).parents[2]
SHELLCHECK = Path(sys.executable).with_name("shellcheck")


@pytest.fixture
def workflow() -> Any:
    return yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())


def test_ci_run_lints_runs_all_tests_and_repeats_those_that_start_processes() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    lint, first, second = re.findall(r"^make .*", script.read_text(), re.MULTILINE)
    assert (lint, first) == ("make lint", "make test")
    repeated = re.fullmatch(r'make test ARGS="((?:tests/\S+ ?)+)"', second)
    assert repeated
    assert "tests/e2e" in repeated[1].split()
    for each in repeated[1].split():
        assert (ROOT / each).is_dir(), each


def test_in_ci_a_missing_tool_is_an_error() -> None:
    assert "\nexport CI=true" in (ROOT / ".ci/run").read_text()


def test_the_workflow_runs_the_same_script(workflow: Any) -> None:
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands == [".ci/run"]


def test_the_workflow_has_read_permission_only_and_pins_its_actions(workflow: Any) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    actions = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert [action for action in actions if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == []


@pytest.mark.parametrize("script", ["setup-venv.sh", ".ci/run"])
def test_shellcheck_finds_nothing_in(script: str) -> None:
    checked = subprocess.run([SHELLCHECK, ROOT / script], capture_output=True, text=True)
    assert checked.stdout + checked.stderr == ""


def test_ci_installs_every_tool_that_a_test_requires() -> None:
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


def test_an_installed_tool_is_found(require_tool: RequireTool) -> None:
    assert require_tool("sh", "dash").endswith("/sh")


def test_a_missing_tool_skips_the_test_with_the_command_that_installs_it(
    require_tool: RequireTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="sudo apt-get install some-package"):
        require_tool("no-such-tool", "some-package")


def test_a_missing_tool_fails_the_test_in_ci(require_tool: RequireTool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not installed"):
        require_tool("no-such-tool", "some-package")
