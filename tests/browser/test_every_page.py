"""Every citizen's page that the map of addresses names, on the narrowest screen; `make pages` looks at all the rest."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages.found import CITIZENS, find_pages, standing_world
from tests.pages.look import MODES, NARROW, Looker, served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]


def test_citizens_pages_are_accessible_and_fit_a_narrow_screen(browser: Browser, tmp_path: Path) -> None:
    narrow = tuple(mode for mode in MODES if mode.width == NARROW)
    with standing_world(tmp_path) as world, served(world) as url:
        pages = find_pages(world, CITIZENS)
        looker = Looker(browser, world, url)
        faults = [fault for page in pages for fault in looker.faults(page, narrow)]
        looker.close()

    assert len(pages) > 40
    assert not faults, "\n".join(faults)
