"""Commands in the documents use make targets and files that exist."""

import re
import shlex
from pathlib import Path

import pytest

from service.settings import Settings, SettingsError
from tests.docs.pages import ROOT, commands, name, pages

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PAGES = pytest.mark.parametrize("page", pages(), ids=name)

OURS = re.compile(r"(?:model|k8s|monitoring|dashboards|benchmarks|tests)/[\w./-]+|service/[\w./-]+\.py")
"""A path of this repository in a command."""


@PAGES
def test_every_make_target_exists(page: Path) -> None:
    text = page.read_text()
    used = re.findall(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*make ([a-z-]+)", text, re.MULTILINE)
    used += re.findall(r"`make ([a-z-]+)", text)
    assert set(used) <= TARGETS


@PAGES
def test_every_module_that_is_run_exists(page: Path) -> None:
    for module in re.findall(r"python3? -m ([\w.]+)", page.read_text()):
        path = ROOT / module.replace(".", "/")
        if (ROOT / module.partition(".")[0]).is_dir():
            assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_every_file_in_a_command_exists(page: str) -> None:
    for command in commands((ROOT / page).read_text()):
        for word in command.split():
            if OURS.fullmatch(word):
                assert (ROOT / word).exists(), command
        for upload in re.findall(r"@([\w./-]+)", command):
            assert (ROOT / upload).exists(), command


def test_a_start_with_a_wrong_setting_prints_what_is_shown() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    shown = re.findall(r"^\$ (PREDICTOR_\w+=\S+) \.venv/bin/gunicorn .*\ncifar10: (.*)", text, re.MULTILINE)
    assert shown
    for assignment, line in shown:
        variable, _, value = shlex.split(assignment)[0].partition("=")
        with pytest.raises(SettingsError) as error:
            Settings.from_env({variable: value})
        assert str(error.value) == line
