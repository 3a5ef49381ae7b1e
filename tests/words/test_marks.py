"""What the town wrote is marked as French where the page speaks another language, and nowhere else."""

import pytest
from flask import Flask
from markupsafe import Markup, escape

from views.languages import ENGLISH, FRENCH, speaking
from views.words import in_french, marked


@pytest.fixture
def english(app: Flask):
    with app.test_request_context(), speaking(ENGLISH):
        yield


def test_a_french_page_has_no_marks(app: Flask):
    with app.test_request_context(), speaking(FRENCH):
        assert in_french("Étude surveillée") == "Étude surveillée"
        assert marked("Une place : Étude", ["Étude"]) == "Une place : Étude"


def test_a_text_is_marked_and_escaped_once(english: None):
    said = in_french("Repas & goûter")

    assert said == Markup('<span lang="fr">Repas &amp; goûter</span>')
    assert escape(said) == said
    assert in_french("") == ""


def test_only_whole_words_of_the_town_are_marked_and_the_longest_first(english: None):
    said = marked("A place: Étude du soir, not étudesque <b>", ["Étude", "Étude du soir", ""])

    assert said == 'A place: <span lang="fr">Étude du soir</span>, not étudesque &lt;b&gt;'
    assert marked("Nothing of the town", []) == "Nothing of the town"
