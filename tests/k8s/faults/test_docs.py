"""docs/troubleshooting.md, held to what kubectl printed, to kubectl itself and to the drills."""

import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from k8s.drill import table
from k8s.drill.catalogue import FAULTS, drills, names
from tests.k8s.faults.recorded import printed
from tests.k8s.manifests import ROOT

TEXT = table.DOCUMENT.read_text()
CONFIRMED = re.compile(r"deployment\.apps/cifar10-deployment (image updated|patched)")
"""What kubectl prints when it has changed something; its columns and texts are in the recordings."""


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command with the lines it is said to print."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = step.strip("\n").split("\n")
            yield command, [line for line in output if line.strip() not in ("", "…")]


def words(line: str) -> str:
    """A line without the width of its columns."""
    return " ".join(line.split())


RECORDED = {words(line) for line in printed()}
BY_HAND = TEXT.partition("## Drills")[0]
PRINTED = [(command, line) for command, output in steps(BY_HAND) if command.startswith("kubectl") for line in output]


@pytest.mark.parametrize(("command", "line"), PRINTED)
def test_what_a_command_prints_was_printed_by_one(command: str, line: str) -> None:
    assert words(line) in RECORDED or CONFIRMED.fullmatch(line)


def test_the_commands_are_shown_with_what_they_print() -> None:
    assert {command.split()[1] for command, _ in PRINTED} == {"describe", "get", "logs", "patch", "rollout", "set"}


def commands() -> Iterable[str]:
    """The kubectl commands of this document, the drills' pages and the drills' fixes, one of each form."""
    pages = [TEXT, *(path.read_text() for path in FAULTS.glob("*/README.md"))]
    shown = {command.partition(" | ")[0] for page in pages for command, _ in steps(page)}
    inline = {each for page in pages for each in re.findall(r"`(kubectl [^`…]+)`", page)}
    found = {each for each in shown | inline | {drill.fix for drill in drills()} if each.startswith("kubectl ")}
    return {form(each): each for each in found}.values()


def form(command: str) -> tuple[str, ...]:
    """What is left without names and values: two commands of one form need one look."""
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
    """What kubectl has against a command, which is not executed."""
    arguments = shlex.split(command)[1:]
    done = subprocess.run([kubectl, *arguments, "--help"], capture_output=True, text=True)
    if done.returncode:
        return done.stderr
    parents = {"kubectl", "kubectl rollout", "kubectl set"}
    (usage,) = re.findall(r"^Usage:\n  (kubectl(?: [a-z-]+)*)", done.stdout, re.MULTILINE) or ["kubectl"]
    return f"help about {usage}" if usage in parents else ""


def test_the_table_is_what_the_drills_make_of_it() -> None:
    assert table.written(TEXT) == TEXT
    assert re.findall(r"^\| \[([a-z0-9-]+)\]", TEXT, re.MULTILINE) == names()


def test_a_table_that_is_out_of_date_is_noticed() -> None:
    old = TEXT.replace("| nobody |", "| the old pods |")
    assert old != TEXT
    assert table.written(old) == TEXT


def test_the_tree_leads_to_every_drill_but_to_none_that_is_not_there() -> None:
    (tree,) = re.findall(r"^```text\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    leaves = [word for line in tree.splitlines() for word in re.findall(r"\.{3,} ([a-z0-9-]+-[a-z0-9-]+)", line)]
    assert sorted(leaves) == names()


def test_every_exit_that_a_drill_ends_with_is_explained() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", TEXT.partition("### Exit codes")[2], re.MULTILINE)
    explained = {(reason, int(code)) for code, reasons in rows for reason in re.findall(r"`(\w+)`", reasons)}
    exits = {
        (drill.signals.last_exit.reason, drill.signals.last_exit.code) for drill in drills() if drill.signals.last_exit
    }
    assert exits <= explained


def test_the_listing_shows_what_the_command_prints() -> None:
    (shown,) = [output for command, output in steps(TEXT) if command == "make drill"]
    assert shown == table.listed().splitlines()[: len(shown)]


PAGES = ("docs/troubleshooting.md", "k8s/README.md")
LINKS = sorted({(page, link) for page in PAGES for link in re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text())})


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.exists()
    if anchor:
        titles = re.findall(r"^#+ (.*)", target.read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", ["README.md", "docs/kubernetes.md", "k8s/README.md"])
def test_who_reads_the_walk_finds_it(page: str) -> None:
    assert "troubleshooting.md)" in (ROOT / page).read_text()


@pytest.mark.parametrize(("page", "told"), [("README.md", r"lists\s(\d+) faults"), (table.DOCUMENT, r"(\d+) ways")])
def test_there_are_as_many_drills_as_it_says(page: str | Path, told: str) -> None:
    assert re.findall(told, (ROOT / page).read_text()) == [str(len(names()))]
