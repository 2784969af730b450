"""Every relative link in every Markdown file leads to a file, and to a heading if it names one."""

from pathlib import Path

import pytest

from tests.docs.pages import anchors, links, name, pages

LINKS = sorted({(page, link) for page in pages() for link in links(page.read_text()) if "://" not in link})


@pytest.mark.parametrize(("page", "link"), LINKS, ids=[f"{name(page)}-{link}" for page, link in LINKS])
def test_a_link_leads_somewhere(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    assert target.exists()
    assert not anchor or anchor in anchors(target.read_text())


def test_a_heading_that_does_not_exist_is_noticed() -> None:
    text = "# The model's card\n\n```text\n# No heading\n```\n"
    assert anchors(text) == {"the-models-card"}
