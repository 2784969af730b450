"""Log lines and searches for them in the documents have the form that the server writes."""

import json
import re
from pathlib import Path

import pytest

from service.encoding import encode

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("monitoring/**/*.md"), *ROOT.glob("k8s/**/*.md")]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_line_that_is_shown_whole_is_one_that_is_written(page: Path) -> None:
    for line in re.findall(r'^\{"time".*\}$', page.read_text(), re.MULTILINE):
        if "…" not in line:
            assert encode(json.loads(line)).decode() == line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_searched_for_in_the_log_stands_there_so(page: Path) -> None:
    text = page.read_text()
    assert re.findall(r'^\{"time": .*', text, re.MULTILINE) == []
    for field in re.findall(r"grep (?:-c )?'(\"[^']*\")'", text):
        assert encode(json.loads(f"{{{field}}}")).decode() == f"{{{field}}}"
