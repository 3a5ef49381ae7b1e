"""Every citizen's page, as somebody reads it who chose English."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.pages.found import DEVELOPMENT, NO_PAGES, as_reader, reader_of, standing_world
from tests.support.addresses import fill
from tests.support.page_checks import read_page
from tests.support.world import World
from tests.words.french import french_left, quoted_texts, shown_texts, town_words, towns_own_texts, unmarked
from views.extensions import db
from views.languages import COOKIE, ENGLISH, FRENCH, STAFF_PATHS


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with standing_world(tmp_path_factory.mktemp("english")) as built:
        yield built


def citizens_rules(world: World) -> list[Rule]:
    return [
        rule
        for rule in sorted(world.app.url_map.iter_rules(), key=str)
        if "GET" in (rule.methods or ())
        and rule.endpoint not in NO_PAGES
        and rule.endpoint.split(".")[0] not in DEVELOPMENT
        and not str(rule).startswith(STAFF_PATHS)
    ]


def pages_in(world: World, language: str) -> Iterator[tuple[str, Element]]:
    """Yield each page that opens, checked, as its reader gets it in a language."""
    for rule in citizens_rules(world):
        client = as_reader(world, reader_of(world.app, rule)).client
        client.set_cookie(COOKIE, language)
        with client.get(fill(world, rule)) as answer:
            if answer.mimetype == "text/html" and answer.status_code in (200, 404):
                root = read_page(answer.text, str(rule))
                assert root.get("lang") == language, rule
                yield str(rule), root


def left_on(root: Element, language: str, data: list[str]) -> list[str]:
    """Return the French that a page of this language says as its own."""
    return french_left(shown_texts(root, language), [*data, *quoted_texts(root, language)])


@pytest.mark.slow
def test_no_french_is_left_on_a_citizens_page(world: World):
    """French comes first: nothing that a page keeps for the next one may stay in its language."""
    with world.app.app_context(), Session(db.engine) as session:
        data = town_words(session)

    french = {page: left_on(root, FRENCH, data) for page, root in pages_in(world, FRENCH)}
    english = {page: left_on(root, ENGLISH, data) for page, root in pages_in(world, ENGLISH)}

    assert len(english) > 50
    assert {page: found for page, found in english.items() if found} == {}
    assert [page for page, found in french.items() if len(found) < 3] == []  # the control: it finds French


@pytest.mark.slow
def test_what_the_town_wrote_is_marked_as_french_on_an_english_page(world: World):
    """A screen reader reads "Étude surveillée" in French. A window's title cannot mark a part of itself."""
    with world.app.app_context(), Session(db.engine) as session:
        towns = towns_own_texts(session)

    bodies = {page: root.find("body") for page, root in pages_in(world, ENGLISH)}
    found = {page: unmarked(shown_texts(body, ENGLISH), towns) for page, body in bodies.items()}
    marks = [page for page, body in bodies.items() if unmarked(quoted_texts(body, ENGLISH), towns)]

    assert {page: texts for page, texts in found.items() if texts} == {}
    assert len(marks) > 20  # the control: the town's words are there
