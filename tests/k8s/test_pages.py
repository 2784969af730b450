"""What READMEs and docs say of the tools under k8s/."""

import os
import re
import subprocess
import sys

import pytest

from tests.k8s.manifests import ROOT


@pytest.mark.parametrize("page", ["README.md", "docs/troubleshooting.md"])
def test_the_doctor_still_says_what_is_shown(page: str) -> None:
    shown = re.findall(
        r"^\$ python3 -m k8s\.doctor (--from .*)\n((?:.*\n)*?)```$", (ROOT / page).read_text(), re.MULTILINE
    )
    assert len(shown) == 1
    for arguments, output in shown:
        argv = [sys.executable, "-m", "k8s.doctor", *arguments.split()]
        done = subprocess.run(argv, cwd=ROOT, env={**os.environ, "COLUMNS": "120"}, capture_output=True, text=True)
        assert done.stdout == output


def test_the_doctor_and_the_checks_are_in_the_folders_own_page() -> None:
    page = (ROOT / "k8s/README.md").read_text()
    folders = {path.name for path in (ROOT / "k8s").iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert {path.split("/")[0] for path in re.findall(r"`([a-z_]+/)(?:[a-z]+/)?`", page)} == folders
