"""README.md is short, its figures are true, and README.zh-CN.md says the same."""

import os
import re
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT, code_blocks, links, rows

MAX_LINES = 120
README = (ROOT / "README.md").read_text()
CHINESE = (ROOT / "README.zh-CN.md").read_text()
LANGUAGES = {"README.md": README, "README.zh-CN.md": CHINESE}

every_language = pytest.mark.parametrize("text", LANGUAGES.values(), ids=LANGUAGES)


@every_language
def test_it_is_short(text: str) -> None:
    assert len(text.splitlines()) <= MAX_LINES


def test_each_language_links_to_the_other() -> None:
    assert "README.zh-CN.md" in links(README)
    assert "README.md" in links(CHINESE)


def test_both_languages_have_the_same_commands_and_links() -> None:
    assert code_blocks(CHINESE) == code_blocks(README)
    pages = set(LANGUAGES)
    assert [link for link in links(CHINESE) if link not in pages] == [
        link for link in links(README) if link not in pages
    ]


def test_both_languages_have_the_same_headings_and_tables() -> None:
    def shape(text: str) -> list[int]:
        """The levels of the headings, and the number of cells of every row."""
        return [
            line.index(" ") if line[0] == "#" else -line.count("|")
            for line in text.splitlines()
            if line[:1] in ("#", "|")
        ]

    assert shape(CHINESE) == shape(README)


def test_both_languages_have_the_same_numbers_in_every_section() -> None:
    def numbers(text: str) -> list[list[str]]:
        return [
            sorted(re.findall(r"\d+(?:\.\d+)?", section)) for section in re.split(r"^## ", text, flags=re.MULTILINE)
        ]

    assert numbers(CHINESE) == numbers(README)


def test_it_counts_the_alerts_the_dashboards_and_the_faults() -> None:
    alerts = len(list((ROOT / "monitoring/runbooks").glob("*.md")))
    dashboards = len(list((ROOT / "dashboards").glob("*.json")))
    faults = len(list((ROOT / "k8s/faults").glob("*/expect.yaml")))
    assert re.findall(r"(\d+)\s(?:alerts|dashboards|faults)", README) == [str(faults), str(alerts), str(dashboards)]


def test_the_doctor_prints_what_is_shown() -> None:
    [(arguments, shown)] = re.findall(r"^\$ python3 -m k8s\.doctor (.*)\n((?:.*\n)*?)```$", README, re.MULTILINE)
    command = [sys.executable, "-m", "k8s.doctor", *arguments.split()]
    environment = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    printed = iter(done.stdout.splitlines())
    assert all(line in printed for line in shown.splitlines() if line != "…")


def test_every_figure_of_performance_is_the_measured_one() -> None:
    measured = relative_requests("png")
    shown = [row for row in rows(README) if len(row) == 5 and re.fullmatch(r"[\d.]+", row[1])]
    assert [row[0] for row in shown] == ["this server", "FastAPI, uvicorn", "LitServe", "BentoML"]
    for row, server in zip(shown, ("this-server", "fastapi", "litserve", "bentoml"), strict=True):
        assert row[1:] == [measured[server, clients] for clients in (1, 8, 32, 128)]


def relative_requests(payload: str) -> dict[tuple[str, int], str]:
    """Requests per second relative to Flask, by server and number of clients, as docs/performance.md has them."""
    found: dict[tuple[str, int], str] = {}
    clients = 0
    for row in rows((ROOT / "docs/performance.md").read_text().partition("## Other servers")[2].partition("\n## ")[0]):
        if head := re.fullmatch(rf"{payload}, (\d+) clients", row[0]):
            clients = int(head[1])
        elif clients and len(row) == 8 and not re.match(r"\w+, \d+ clients", row[0]):
            found.setdefault((row[0], clients), row[3].split()[0])
        else:
            clients = 0
    return found
