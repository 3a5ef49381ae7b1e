"""What each row of an exported list of families says, and every fault that it may have."""

from datetime import date
from pathlib import Path

import pytest

from domain.family.import_rules import COLUMNS, RowDraft, group_families, read_row
from gateways.imports.tables import read_table

TODAY = date(2026, 11, 23)
SCHOOLS = frozenset({"elementaire jules ferry"})
LEVELS = frozenset({"CE1"})
GOOD = {
    "code_famille": "10022",
    "resp1_civilite": "Mme",
    "resp1_nom": "Hernandez",
    "resp1_prenom": "Olivie",
    "resp2_civilite": "M.",
    "resp2_nom": "Philippe",
    "resp2_prenom": "Thibault",
    "adresse": "58 Chemin des Prés",
    "code_postal": "45110",
    "ville": "Saint-Préau",
    "telephone": "+33 722950645",
    "email": "olivie@courriel.example",
    "quotient": "1047,06",
    "qf_mois": "09/2026",
    "enfant_nom": "Hernandez",
    "enfant_prenom": "François",
    "enfant_sexe": "M",
    "enfant_naissance": "15/01/2018",
    "ecole": "Élémentaire Jules Ferry",
    "niveau": "",
    "allergies": "PAI œuf",
    "regime": "sans viande",
    "facture_electronique": "oui",
}


def read(line: int = 2, **changes: str) -> tuple[RowDraft | None, list[tuple[str, str]]]:
    draft, problems = read_row(line, GOOD | changes, today=TODAY, schools=SCHOOLS, levels=LEVELS)
    return draft, [(problem.column, problem.code) for problem in problems]


def good(line: int = 2, **changes: str) -> RowDraft:
    draft, problems = read(line, **changes)
    assert draft is not None, problems
    return draft


def test_a_good_row_is_read_whole() -> None:
    draft = good()

    assert draft.phone == "+33722950645"
    assert (draft.quotient_cents, draft.quotient_month) == (104706, date(2026, 9, 1))
    assert (draft.child.allergies, draft.child.has_pai, draft.child.diet) == ("œuf", True, "no_meat")
    assert draft.child.born_on == date(2018, 1, 15)
    assert draft.wants_e_invoice is True
    assert [adult.civility for adult in draft.adults] == ["mme", "m"]


@pytest.mark.parametrize("written", ["+33 722950645", "07 22 95 06 45", "0722950645"])
def test_three_ways_to_write_a_telephone_give_one(written: str) -> None:
    assert good(telephone=written).phone == "+33722950645"


@pytest.mark.parametrize("written", ["09/2026", "2026-09", "9/2026"])
def test_two_ways_to_write_a_month_give_one(written: str) -> None:
    assert good(qf_mois=written).quotient_month == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("code_famille", "", "import_cell_missing"),
        ("resp1_nom", "", "import_cell_missing"),
        ("enfant_naissance", "31/02/2020", "import_bad_date"),
        ("enfant_naissance", "2019-13-04", "import_bad_date"),
        ("enfant_naissance", "14/07/2031", "import_future_date"),
        ("enfant_naissance", "14/07/1931", "import_old_date"),
        ("telephone", "zéro six", "import_bad_phone"),
        ("email", "pas d'adresse", "import_bad_email"),
        ("quotient", "douze cents", "import_bad_amount"),
        ("quotient", "-12", "import_bad_amount"),
        ("qf_mois", "13/2026", "import_bad_month"),
        ("code_postal", "4511", "import_bad_postcode"),
        ("ecole", "École inconnue", "import_unknown_school"),
        ("regime", "sans gluten", "import_cell_unknown"),
        ("enfant_sexe", "X", "import_cell_unknown"),
        ("facture_electronique", "peut-être", "import_not_yes_or_no"),
        ("resp1_prenom", "x" * 121, "import_cell_too_long"),
        ("*", "trop", "import_row_too_long"),
    ],
)
def test_a_fault_is_named_by_its_column(column: str, value: str, code: str) -> None:
    draft, problems = read(**{column: value})

    assert draft is None
    assert problems == [(column, code)]


def test_every_fault_of_a_row_is_told_at_once() -> None:
    _, problems = read(telephone="zéro six", quotient="douze cents")

    assert {column for column, _ in problems} == {"telephone", "quotient"}


def test_rows_of_a_family_become_one_family_with_its_children() -> None:
    rows = [
        good(2),
        good(3, resp1_nom="HERNANDEZ", enfant_prenom="Zoé", telephone="07 26 01 90 37", qf_mois=""),
    ]

    families, problems = group_families(rows)

    assert problems == []
    assert len(families) == 1
    assert families[0].adults[0].family_name == "Hernandez"
    assert families[0].phones == ("+33722950645", "+33726019037")
    assert families[0].quotients == ((date(2026, 9, 1), 104706),)
    assert [child.given_name for child in families[0].children] == ["François", "Zoé"]


def test_a_repeated_row_is_named_with_the_line_that_it_repeats() -> None:
    _, problems = group_families([good(2), good(3)])

    assert [(problem.line, problem.code, problem.facts) for problem in problems] == [
        (3, "import_duplicate_row", {"other_line": 2})
    ]


def test_a_row_that_contradicts_its_family_is_refused_and_the_others_kept() -> None:
    families, problems = group_families([good(2), good(3, resp1_nom="Suharto", enfant_prenom="Zoé")])

    assert [(problem.line, problem.column, problem.code) for problem in problems] == [
        (3, "resp1_nom", "import_rows_disagree")
    ]
    assert len(families[0].children) == 1


def test_an_email_of_another_family_is_refused() -> None:
    _, problems = group_families([good(2), good(3, code_famille="10023", enfant_prenom="Zoé")])

    assert [(problem.line, problem.column, problem.code) for problem in problems] == [
        (3, "email", "import_email_taken")
    ]


def test_one_no_keeps_the_family_on_paper() -> None:
    families, _ = group_families([good(2), good(3, enfant_prenom="Zoé", facture_electronique="non")])

    assert families[0].wants_e_invoice is False


def test_an_accent_or_a_capital_is_no_contradiction() -> None:
    _, problems = group_families([good(2), good(3, enfant_prenom="Zoé", ville="SAINT PREAU")])

    assert problems == []


def test_the_older_tools_file_is_read_with_its_known_faults() -> None:
    data = (Path(__file__).parents[2] / "demo" / "data" / "familles.csv").read_bytes()
    schools = frozenset(
        {"elementaire jules ferry", "groupe scolaire simone veil", "maternelle jacques prevert"}
    )
    drafts, faults = [], []

    for row in read_table(data, COLUMNS).rows:
        draft, problems = read_row(row.line, row.values, today=TODAY, schools=schools, levels=LEVELS)
        faults += [(problem.line, problem.code) for problem in problems]
        drafts += [draft] if draft else []
    families, contradictions = group_families(drafts)

    told = dict(faults) | {problem.line: problem.code for problem in contradictions}
    assert told[21] == "import_bad_postcode"
    assert told[33] == "import_bad_email"
    assert told[46] == "import_bad_amount"
    assert told[60] == "import_bad_date"
    assert told[92] == "import_duplicate_row"
    assert told[136] == "import_rows_disagree"
    assert told[168] == "import_bad_phone"
    assert told[182] == "import_future_date"
    assert told[203] == "import_not_yes_or_no"
    assert sum(len(family.children) for family in families) + len(told) == 866
