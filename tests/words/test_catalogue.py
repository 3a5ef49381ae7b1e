"""A page in another language is whole: every message is translated, with the values in their places."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment, nodes

from tests.words.catalogue import (
    FOLDER,
    ROOT,
    catalogues,
    collect,
    compiled,
    forms,
    messages,
    missing,
    places,
    read,
)
from views.languages import ENGLISH, FRENCH, LANGUAGES
from views.mailing import STAFF_KINDS

HINT = "`make words` brings it up to date and says what is missing"
JINJA = Environment(autoescape=False, extensions=["jinja2.ext.i18n"])


@pytest.fixture(scope="module")
def words() -> Catalog:
    return collect()


def by_id(catalogue: Catalog) -> set[tuple[str, ...]]:
    return {forms(message.id) for message in messages(catalogue)}


def test_every_language_of_the_switch_has_its_catalogue():
    assert {path.parts[-3] for path in catalogues()} == set(LANGUAGES) - {FRENCH}


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.parts[-3])
class TestCatalogue:
    def test_it_has_the_messages_of_today_and_no_other(self, path: Path, words: Catalog):
        catalogue = read(path)

        assert by_id(catalogue) == by_id(words), HINT
        assert not catalogue.obsolete, HINT

    def test_every_message_is_translated_in_all_its_forms(self, path: Path):
        assert [message.id for message in missing(read(path))] == []

    def test_a_translation_has_the_values_of_its_message(self, path: Path):
        wrong = [
            message.id for message in messages(read(path)) if places(message.id) != places(message.string)
        ]

        assert wrong == []

    def test_a_refusal_remains_a_template(self, path: Path):
        for message in messages(read(path)):
            if message.locations[0][0].startswith("templates/refusals/"):
                JINJA.parse(message.string)

    def test_it_is_compiled_as_it_is_written(self, path: Path):
        assert path.with_suffix(".mo").read_bytes() == compiled(read(path)), HINT


def test_english_is_written_with_english_marks():
    """French quotation marks and the space before a colon stay in French."""
    english = read(FOLDER / ENGLISH / "LC_MESSAGES" / "messages.po")
    said = [form for message in messages(english) for form in forms(message.string)]

    assert [text for text in said if re.search(r"[«»\u00a0]|\w [:;?]( |$)|'", text)] == []


def test_mails_to_staff_are_not_collected(words: Catalog):
    found = {location[0] for message in messages(words) for location in message.locations}

    mails = {Path(name).name.split(".")[0] for name in found if name.startswith("templates/mail/")}
    written = {path.name.split(".")[0] for path in (ROOT / "templates" / "mail").glob("*.txt")}
    assert written - mails == STAFF_KINDS


def test_an_imported_template_says_nothing_before_it_is_asked():
    """It is read once and kept: words at its top would stay in the language of the page that came first."""
    for path in sorted((ROOT / "templates" / "components").glob("*.html")):
        for statement in JINJA.parse(path.read_text()).body:
            if not isinstance(statement, nodes.Macro):
                called = [call.node for call in statement.find_all(nodes.Call)]
                names = {node.name for node in called if isinstance(node, nodes.Name)}
                assert not names & {"_", "gettext", "ngettext"}, path.name
