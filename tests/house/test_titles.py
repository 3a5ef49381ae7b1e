"""A window's title says which page it is: no two pages of the map of addresses have the same one."""

from collections import defaultdict
from html import unescape
from pathlib import Path

import pytest

from tests.pages.found import as_reader, open_pages, standing_world

START, END = "<title>", "</title>"


def title_of(html: str) -> str:
    """Return the title of a page, as a browser's tab shows it."""
    return " ".join(unescape(html.partition(START)[2].partition(END)[0]).split())


@pytest.mark.slow
def test_every_page_has_a_title_of_its_own(tmp_path: Path) -> None:
    by_title: dict[str, list[str]] = defaultdict(list)
    with standing_world(tmp_path) as world:
        for rule, path, reader in open_pages(world):
            answer = as_reader(world, reader).client.get(path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                by_title[title_of(answer.text)].append(f"{path} ({rule.endpoint})")
            answer.close()
        town = next(iter(by_title)).rpartition(" – ")[2]

    assert len(by_title) > 200  # the control: it has seen the portal
    assert {title: pages for title, pages in by_title.items() if len(pages) > 1} == {}
    assert [title for title in by_title if not title.endswith(f" – {town}") or title.startswith(" –")] == []
