"""Tables in Markdown, and their places in docs/performance.md."""

import os
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from model.provenance import machine, versions

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """``left`` columns are aligned to the left, the others to the right."""
    alignment = ["---"] * left + ["---:"] * (len(header) - left)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, alignment, *rows))


def number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def origin(program: str) -> str:
    """One line with the command, the date, the machine and the versions; call it before the load starts."""
    here, arguments = machine(), [each for each in sys.argv[1:] if each != "--write"]
    libraries = versions() | {name: version(name) for name in ("gunicorn", "flask")}
    return (
        f"`python -m {shlex.join([program, *arguments])}`, {datetime.now(UTC):%Y-%m-%d}; {here['cpu']}, "
        f"{here['cores']} CPUs for servers and clients together; "
        f"{', '.join(f'{name} {each}' for name, each in libraries.items())}; "
        f"load average before: {os.getloadavg()[0]:.1f}."
    )


def publish(program: str, parts: Sequence[str], *, write: bool) -> None:
    """Print the parts; with ``write``, also put them between the program's markers in the document."""
    text = "\n\n".join(parts)
    print(f"\n{text}")
    if write:
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), program, text))


def replaced(document: str, program: str, text: str) -> str:
    """The document with the text between ``<!-- program -->`` and ``<!-- end -->``."""
    section = re.compile(rf"(?<=<!-- {re.escape(program)} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    if not section.search(document):
        sys.exit(f"{DOCUMENT.name} has no <!-- {program} --> section")
    return section.sub(lambda _: f"\n{text}\n\n", document, count=1)
