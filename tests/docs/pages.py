"""The Markdown pages of this repository."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXCLUDED = {".git", ".venv", "node_modules", "runs", "data"}


def pages() -> list[Path]:
    """All Markdown files, in order."""
    found = (path for path in ROOT.rglob("*.md") if EXCLUDED.isdisjoint(path.relative_to(ROOT).parts))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    """A page's text without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The commands in a page's console blocks."""
    return [line[2:] for block in code_blocks(text) for line in block.splitlines() if line.startswith("$ ")]


def links(text: str) -> list[str]:
    """The targets of a page's links and images."""
    return re.findall(r"\]\(([^)\s]+)\)", without_code(text))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)", without_code(text), flags=re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in plain}


def rows(text: str) -> list[list[str]]:
    """The cells of every table row of a page."""
    lines = [line for line in without_code(text).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
