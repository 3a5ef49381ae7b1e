"""Finding a passage: without accents, whatever the ending of a word, the best first."""

import pytest

from domain.guides.rules import Guide, GuidePage, GuideSection, search_guides, stems


def section(title: str, text: str) -> GuideSection:
    return GuideSection(title.lower().replace(" ", "-"), title, f"<p>{text}</p>", text)


RESERVE = GuidePage(
    "reserver",
    "Réserver, annuler",
    "Tout se passe dans le mois de l’enfant.",
    "",
    (
        section("Réserver un mois", "Cochez les journées, puis enregistrez."),
        section("Annuler une journée", "Décochez la case avant la date limite."),
        section("Annuler trop tard", "Il reste possible d’annuler ; annuler coûte alors une absence."),
    ),
)
PAY = GuidePage(
    "factures",
    "Comprendre et payer",
    "La facture part après la fin du mois.",
    "",
    (
        section("Payer par carte", "Vous payez sur la page de la banque, par carte."),
        section("Vœux de printemps", "Les places vont selon des critères."),
    ),
)
GUIDES = [Guide("parents", (RESERVE, PAY))]


def titles(query: str) -> list[str]:
    return [found.title for found in search_guides(GUIDES, query)]


@pytest.mark.parametrize("query", ["réserver", "RESERVER", "reservez", "réservation"])
def test_accents_capitals_and_endings_do_not_matter(query: str) -> None:
    assert titles(query)[0] == "Réserver un mois"


def test_a_short_title_that_says_the_word_comes_first() -> None:
    assert titles("annuler")[:2] == ["Annuler une journée", "Annuler trop tard"]


def test_what_holds_every_word_hides_what_holds_one() -> None:
    assert titles("payer par carte bancaire avec la banque")[0] == "Payer par carte"
    assert titles("annuler absence") == ["Annuler trop tard"]


def test_a_page_is_not_found_for_its_name_alone() -> None:
    assert "Vœux de printemps" not in titles("comprendre")


def test_a_ligature_is_two_letters() -> None:
    assert titles("voeux") == ["Vœux de printemps"]


def test_the_extract_marks_the_words_found() -> None:
    found = search_guides(GUIDES, "banque carte")[0]

    assert [text for text, is_hit in found.extract if is_hit] == ["banque", "carte"]
    assert "".join(text for text, _hit in found.extract) == "Vous payez sur la page de la banque, par carte."


def test_a_long_text_is_cut_between_words() -> None:
    long = section("Long", "mot " * 60 + "trouvaille " + "suite " * 80)
    guides = [Guide("parents", (GuidePage("p", "Page", "", "", (long,)),))]

    extract = "".join(text for text, _hit in search_guides(guides, "trouvaille")[0].extract)

    assert extract.startswith("… mot")
    assert "trouvaille suite" in extract
    assert extract.endswith("suite …")


@pytest.mark.parametrize("query", ["", "   ", "?!", "zzz"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert titles(query) == []


def test_words_that_say_nothing_are_left_out_unless_alone() -> None:
    assert stems("comment payer la facture") == ("pay", "factur")
    assert stems("comment") == ("comment",)
