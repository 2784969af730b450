"""docs/troubleshooting.md matches recorded output, kubectl and the drills."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from k8s.drill import table
from k8s.drill.catalogue import drills, names
from tests.k8s.faults.recorded import printed
from tests.k8s.manifests import ROOT

TEXT = table.DOCUMENT.read_text()
CONFIRMED = re.compile(r"deployment\.apps/cifar10-deployment (image updated|patched)")
"""kubectl's confirmation of a change; other output is in the recordings."""


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command with its shown output."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = step.strip("\n").split("\n")
            yield command, [line for line in output if line.strip() not in ("", "…")]


def words(line: str) -> str:
    """A line with single spaces between columns."""
    return " ".join(line.split())


RECORDED = {words(line) for line in printed()}
BY_HAND = TEXT.partition("## Drills")[0]
PRINTED = [(command, line) for command, output in steps(BY_HAND) if command.startswith("kubectl") for line in output]


@pytest.mark.parametrize(("command", "line"), PRINTED)
def test_output_shown_was_recorded(command: str, line: str) -> None:
    assert words(line) in RECORDED or CONFIRMED.fullmatch(line)


def test_the_commands_are_shown_with_their_output() -> None:
    assert {command.split()[1] for command, _ in PRINTED} == {"describe", "get", "logs", "patch", "rollout", "set"}


def commands() -> Iterable[str]:
    """The kubectl commands of this document and of the drills, one of each form."""
    shown = [command for command, _ in steps(TEXT)] + re.findall(r"`(kubectl [^`…]+)`", TEXT)
    shown += [command for drill in drills() for command in (drill.fix, drill.look, *drill.cleanup)]
    found = {each.partition(" | ")[0] for each in shown if each.startswith("kubectl ")}
    return {form(each): each for each in found}.values()


def form(command: str) -> tuple[str, ...]:
    """The command without names and values; commands of the same form are checked once."""
    _, verb, what, *rest = [*shlex.split(command), ""]
    options = sorted(word.partition("=")[0] for word in rest if word.startswith("-"))
    return (verb, what if verb in ("rollout", "set") or what.startswith("-") else "", *options)


@pytest.mark.timeout(300)
def test_kubectl_knows_every_command_and_option(kubectl: str) -> None:
    wrong = {each: said for each in sorted(commands()) if (said := complaint(kubectl, each))}
    assert wrong == {}


@pytest.mark.parametrize("command", ["kubectl get pods --wach", "kubectl rollout statsu", "kubectl log -l a=b"])
def test_a_mistyped_command_is_noticed(kubectl: str, command: str) -> None:
    assert complaint(kubectl, command)


def complaint(kubectl: str, command: str) -> str:
    """kubectl's error about a command, which is not executed."""
    arguments = shlex.split(command)[1:]
    done = subprocess.run([kubectl, *arguments, "--help"], capture_output=True, text=True)
    if done.returncode:
        return done.stderr
    parents = {"kubectl", "kubectl rollout", "kubectl set"}
    (usage,) = re.findall(r"^Usage:\n  (kubectl(?: [a-z-]+)*)", done.stdout, re.MULTILINE) or ["kubectl"]
    return f"help about {usage}" if usage in parents else ""


def test_the_table_is_up_to_date() -> None:
    assert table.written(TEXT) == TEXT
    assert re.findall(r"^\| \[([a-z0-9-]+)\]", TEXT, re.MULTILINE) == names()


def test_an_outdated_table_is_noticed() -> None:
    old = TEXT.replace("| no pods |", "| the old pods |")
    assert old != TEXT
    assert table.written(old) == TEXT


def test_the_tree_contains_every_drill() -> None:
    (tree,) = re.findall(r"^```text\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    leaves = [word for line in tree.splitlines() for word in re.findall(r"\.{3,} ([a-z0-9-]+-[a-z0-9-]+)", line)]
    assert sorted(leaves) == names()


def test_every_exit_code_of_a_drill_is_explained() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", TEXT.partition("### Exit codes")[2], re.MULTILINE)
    explained = {(reason, int(code)) for code, reasons in rows for reason in re.findall(r"`(\w+)`", reasons)}
    exits = {
        (drill.signals.last_exit.reason, drill.signals.last_exit.code) for drill in drills() if drill.signals.last_exit
    }
    assert exits <= explained


def test_the_listing_shown_is_the_commands_output() -> None:
    (shown,) = [output for command, output in steps(TEXT) if command == "make drill"]
    assert shown == table.listed().splitlines()[: len(shown)]


PAGES = ("docs/troubleshooting.md", "k8s/README.md")
LINKS = sorted({(page, link) for page in PAGES for link in re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text())})


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_every_link_has_a_target(page: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.exists()
    if anchor:
        titles = re.findall(r"^#+ (.*)", target.read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", ["README.md", "docs/kubernetes.md", "k8s/README.md"])
def test_every_entry_page_links_to_troubleshooting(page: str) -> None:
    assert "troubleshooting.md)" in (ROOT / page).read_text()


@pytest.mark.parametrize(
    ("page", "told"), [("README.md", r"lists\s(\d+)\sfaults"), (table.DOCUMENT, r"(\d+) drills to")]
)
def test_the_stated_number_of_drills_is_right(page: str | Path, told: str) -> None:
    assert re.findall(told, (ROOT / page).read_text()) == [str(len(names()))]


@pytest.mark.parametrize("page", ["docs/troubleshooting.md"])
def test_the_doctor_prints_what_is_shown(page: str) -> None:
    shown = re.findall(
        r"^\$ python3 -m k8s\.doctor (--from .*)\n((?:.*\n)*?)```$", (ROOT / page).read_text(), re.MULTILINE
    )
    assert len(shown) == 1
    for arguments, output in shown:
        argv = [sys.executable, "-m", "k8s.doctor", *arguments.split()]
        done = subprocess.run(argv, cwd=ROOT, env={**os.environ, "COLUMNS": "120"}, capture_output=True, text=True)
        assert done.stdout == output


def test_the_page_of_k8s_lists_every_folder() -> None:
    page = (ROOT / "k8s/README.md").read_text()
    folders = {path.name for path in (ROOT / "k8s").iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert {path.split("/")[0] for path in re.findall(r"`([a-z_]+/)(?:[a-z]+/)?`", page)} == folders
