"""``make pages``: every page with its weight, its questions to the database and its faults, as one table."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.pages.found import CITIZENS, FoundPage, find_pages, standing_world
from tests.pages.look import Looker, served

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "pages.md"
# What a citizen's page may cost: see docs/pages.md.
PAGE_BYTES, FIRST_VISIT_BYTES, STATEMENTS = 15_000, 60_000, 30


def main() -> None:
    """Look at every page, write the table, and fail when a page has a fault or costs too much."""
    with tempfile.TemporaryDirectory() as folder, standing_world(Path(folder)) as world:
        pages = find_pages(world)
        faults = {page: costs(page) for page in pages}
        with served(world) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            looker = Looker(browser, world, url)
            for page in pages:
                faults[page] += looker.faults(page)
                print("F" if faults[page] else ".", end="", flush=True)
            browser.close()
    TABLE.write_text(table(pages, faults), encoding="utf-8")
    told = [fault for page in pages for fault in faults[page]]
    print(f"\n{len(pages)} pages, {len(told)} faults: {TABLE.relative_to(ROOT)}")
    sys.exit("\n".join(told) or 0)


def costs(page: FoundPage) -> list[str]:
    """Return what a page costs too much."""
    if page.side != CITIZENS:
        return []
    limits = (
        ("weighs", page.weight, PAGE_BYTES, "bytes"),
        ("weighs, at the first visit,", page.first_weight, FIRST_VISIT_BYTES, "bytes"),
        ("asks", page.statements, STATEMENTS, "statements"),
    )
    return [
        f"{page.path}: {verb} {value} {unit}, more than {most}"
        for verb, value, most, unit in limits
        if value > most
    ]


def table(pages: list[FoundPage], faults: dict[FoundPage, list[str]]) -> str:
    """Return the table as a page of the documentation."""
    heads = ["page", "read by", "axe", "kB", "kB, first visit", "statements"]
    lines = [
        "# The pages",
        "",
        "Made by `make pages` from the map of addresses, in a town that has one of each thing; do not edit. axe looks at",
        "each in light, in dark and on a screen of 320 px, where nothing may be wider than the screen. A weight is that of",
        f"the compressed answer. A citizen's page: at most {PAGE_BYTES // 1000} kB, {FIRST_VISIT_BYTES // 1000} kB with its files at the first visit,",
        f"and {STATEMENTS} statements to the database.",
        "",
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
    ]
    for page in pages:
        row = [
            f"`{page.path}`",
            page.reader or "anybody",
            str(len(faults[page])) if faults[page] else "0",
            f"{page.weight / 1000:.1f}",
            f"{page.first_weight / 1000:.1f}",
            str(page.statements),
        ]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
