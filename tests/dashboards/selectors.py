"""What a PromQL expression selects: metrics with their matchers. Not a parser: enough for queries that are valid."""

import re
from collections.abc import Iterator

STRING = r'"(?:[^"\\]|\\.)*"'
MATCHER = rf"(\w+)\s*(=~|!~|!=|=)\s*({STRING})"
GROUPING = r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
WORDS = {"and", "or", "unless", "bool", "offset"}

Matchers = list[tuple[str, str, str]]


def selected(expr: str) -> Iterator[tuple[str, Matchers]]:
    """Each metric's name, empty where none is given, with (label, operator, value)."""
    for name, matchers in re.findall(rf"([\w:]*)\{{((?:{STRING}|[^}}\"])*)\}}", _bare(expr)):
        yield name, [(label, operator, text[1:-1]) for label, operator, text in re.findall(MATCHER, matchers)]
    without_matchers = re.sub(rf"[\w:]*\{{(?:{STRING}|[^}}\"])*\}}", " ", _bare(expr))
    for name in re.findall(r"(?<![\w:.$])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])", re.sub(STRING, " ", without_matchers)):
        if name not in WORDS:
            yield name, []


def metrics(expr: str) -> set[str]:
    return {name for name, _ in selected(expr) if name}


def _bare(expr: str) -> str:
    """Without groupings and windows, which name labels and variables."""
    return re.sub(r"\[[^\]]*\]", " ", re.sub(GROUPING, " ", expr))
