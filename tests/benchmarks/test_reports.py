import re
from collections import Counter
from importlib.util import find_spec

import pytest

from benchmarks import hey, report
from benchmarks.compare import HEADER, Figures


def figures(goodput: list[float]) -> Figures:
    """One round of a second for each number of answers; each answer takes 1 ms of processor time."""
    found = Figures()
    for count in goodput:
        found.add(hey.Result(1.0, Counter({200: int(count)}), [0.001] * int(count)), count / 1000)
    return found


def test_servers_are_compared_within_each_round() -> None:
    row = dict(zip(HEADER, figures([200, 100, 300]).row(figures([100, 50, 100])), strict=True))
    assert row["2xx/s, relative"] == "2.00 (2.00 to 3.00)"
    assert (row["CPU, ms"], row["CPU, relative"]) == ("1.00", "1.00 (1.00 to 1.00)")


def test_a_report_replaces_its_own_section_of_the_document_only() -> None:
    document = "a\n<!-- one -->\nold\n<!-- end -->\nb\n<!-- two -->\nkept\n<!-- end -->\n"
    written = report.replaced(document, "one", "new")
    assert written == "a\n<!-- one -->\n\nnew\n\n<!-- end -->\nb\n<!-- two -->\nkept\n<!-- end -->\n"
    assert report.replaced(written, "one", "new") == written


def test_a_document_without_the_section_is_an_error() -> None:
    with pytest.raises(SystemExit, match="has no <!-- three --> section"):
        report.replaced("<!-- one -->\n<!-- end -->", "three", "new")


def test_every_section_and_command_of_the_document_names_a_benchmark() -> None:
    document = report.DOCUMENT.read_text()
    named = set(re.findall(r"<!-- (benchmarks\.\w+) -->", document)) | set(
        re.findall(r"-m (benchmarks\.\w+)", document)
    )
    assert {"benchmarks.transport", "benchmarks.shutdown", "benchmarks.slow_clients", "benchmarks.peers"} <= named
    assert [name for name in named if find_spec(name) is None] == []
