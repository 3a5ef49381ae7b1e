"""The guides' files: every picture is there and used, every link leads somewhere, every help link too."""

import re
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from domain.guides.rules import Guide
from gateways.guides import FOLDER, PICTURES, TELEPHONE, guide_files, read_guide, slug_of
from tests.guide_pictures import MOST_BYTES, SHOTS
from tests.house.sources import TEMPLATES
from views.admin.guides import SCREEN_HELP
from views.guides import PARENTS, READERS, PortalLinks

FILES = [path for paths in guide_files().values() for path in paths]
NAMED = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
ALL_BYTES, PAGE_BYTES = 1_800_000, 150_000


class PlainLinks(PortalLinks):
    def page(self, guide: str, slug: str, anchor: str) -> str:
        return f"guide:{guide}/{slug}#{anchor}"

    def picture(self, name: str) -> str:
        return name


@cache
def guide(key: str) -> Guide:
    return read_guide(key, PlainLinks())


def places(key: str) -> set[str]:
    """Return every page of a guide and every section, as links name them."""
    pages = {f"{key}/{page.slug}#" for page in guide(key).pages}
    return pages | {f"{key}/{page.slug}#{one.anchor}" for page in guide(key).pages for one in page.sections}


ALL_PLACES = {place for key in (PARENTS, *READERS) for place in places(key)}


def test_every_guide_is_for_somebody() -> None:
    assert set(guide_files()) == {PARENTS, *READERS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_page_has_one_title_and_tasks_of_different_names(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    key = path.parent.name
    page = next(one for one in guide(key).pages if one.slug == slug_of(path))
    anchors = [section.anchor for section in page.sections]

    assert sum(line.startswith("# ") for line in lines) == 1
    assert anchors
    assert len(set(anchors)) == len(anchors)
    assert page.lead


def test_every_picture_is_taken_by_the_command_shown_and_described() -> None:
    named = [
        (alt, name.rsplit("/", 1)[-1])
        for path in FILES
        for alt, name in NAMED.findall(path.read_text("utf-8"))
    ]
    names = {name for _alt, name in named}

    assert names == {path.name for path in PICTURES.iterdir()}
    assert names == {f"{shot.name}.webp" for shot in SHOTS}
    assert [alt for alt, _name in named if len(alt) < 30 or not alt.endswith(".")] == []


def test_pictures_are_light() -> None:
    weights = {path.name: path.stat().st_size for path in PICTURES.iterdir()}

    assert {name: size for name, size in weights.items() if size > MOST_BYTES} == {}
    assert sum(weights.values()) < ALL_BYTES


def test_a_page_with_all_its_pictures_is_light() -> None:
    heavy = {}
    for path in FILES:
        names = {name.rsplit("/", 1)[-1] for _alt, name in NAMED.findall(path.read_text(encoding="utf-8"))}
        heavy[path.stem] = sum((PICTURES / name).stat().st_size for name in names)

    assert {page: size for page, size in heavy.items() if size > PAGE_BYTES} == {}


def test_a_picture_has_its_size_and_waits_until_it_is_near() -> None:
    html = "".join(section.html for page in guide(PARENTS).pages for section in page.sections)
    pictures = re.findall(r"<img [^>]*>", html)

    assert pictures
    for picture in pictures:
        assert 'loading="lazy"' in picture
        width = int(re.findall(r'width="(\d+)"', picture)[0])
        assert width == (390 if f'src="{TELEPHONE}' in picture else 1280)


def test_links_between_guides_lead_to_a_section() -> None:
    html = "".join(
        f"{page.html} {section.html}"
        for key in (PARENTS, *READERS)
        for page in guide(key).pages
        for section in page.sections
    )

    assert {place for place in re.findall(r'href="guide:([^"]+)"', html) if place not in ALL_PLACES} == set()


def test_links_to_the_portal_lead_to_a_page(shared_app: Flask) -> None:
    routes = shared_app.url_map.bind("localhost")
    wrong = []
    for path in FILES:
        for href in LINK.findall(path.read_text(encoding="utf-8")):
            if href.startswith("/"):
                try:
                    routes.match(href)
                except HTTPException as error:
                    wrong.append(f"{path.name}: {href} ({error})")

    assert wrong == []


def test_the_help_of_a_page_is_a_section() -> None:
    helps = [
        (path.name, place)
        for path in (TEMPLATES / "parent").rglob("*.html")
        for place in re.findall(r'set help = "([^"]+)"', path.read_text(encoding="utf-8"))
    ]

    assert len(helps) > 30
    assert [
        one for one in helps if f"{PARENTS}/{one[1] if '#' in one[1] else one[1] + '#'}" not in ALL_PLACES
    ] == []


def test_the_help_of_a_screen_is_a_section(shared_app: Flask) -> None:
    screens = {rule.endpoint.split(".")[0] for rule in shared_app.url_map.iter_rules()}

    assert set(SCREEN_HELP) - screens == set()
    assert {one for one in SCREEN_HELP.values() if f"{one[0]}/{one[1]}#{one[2]}" not in ALL_PLACES} == set()


def test_words_in_bold_are_words_of_the_portal() -> None:
    """A guide writes in bold what is to be pressed or read on a page: a button renamed is found here."""
    root = TEMPLATES.parent
    files = [*TEMPLATES.rglob("*.html"), *(root / "views").rglob("*.py")]
    said = "\n".join(path.read_text(encoding="utf-8") for path in files).replace("\u00a0", " ")
    bold = {
        words.replace("'", "’")
        for path in FILES
        for words in re.findall(r"\*\*([A-ZÀÉ][^*]{2,})\*\*", path.read_text(encoding="utf-8"))
    }

    assert len(bold) > 100
    assert {words for words in bold if words not in said} == set()
