"""Markdown's paragraphs, lists and tables."""

import textwrap
from collections.abc import Iterator, Sequence

WIDTH = 120


def paragraph(*sentences: str) -> Iterator[str]:
    yield from textwrap.wrap(" ".join(sentences), WIDTH, break_long_words=False, break_on_hyphens=False)
    yield ""


def bullets(items: Sequence[str]) -> Iterator[str]:
    for item in items:
        yield from textwrap.wrap(
            f"- {item}", WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    yield ""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column is text, the others are numbers."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "|".join(["---", *["---:"] * (len(head) - 1)]) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
