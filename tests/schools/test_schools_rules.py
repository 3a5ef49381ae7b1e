"""The carte scolaire and levels (DOMAIN §9)."""

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.schools.rules import (
    HouseNumber,
    Level,
    Parity,
    SchoolKind,
    Segment,
    Unlocated,
    by_street,
    conflicts,
    kind_for,
    kind_of,
    level_for,
    locate,
    most_specific,
)
from domain.schools.streets import StreetAddress, readings, street_key
from models import schools as tables

ECOLES = "Rue des Écoles"


def segment(line, school, first=None, last=None, parity="PI", priority=1, street=ECOLES):
    """Make a segment; an end is a number or (number, suffix)."""
    ends = [end if end is None or isinstance(end, tuple) else (end, "") for end in (first, last)]
    low, high = (end and HouseNumber.of(*end) for end in ends)
    return Segment(line, street, school, low, high, Parity(parity), priority)


MAP = (
    segment(2, "A", 1, 25, "I"),
    segment(3, "B", 2, 30, "P"),
    segment(4, "C", 27, 9999, "I"),
    segment(5, "P", (12, "bis"), (12, "ter"), "P"),
)


def school_of(number: int, suffix: str = "", segments=MAP) -> str | None:
    found = most_specific(segments, HouseNumber.of(number, suffix))
    return found and found.school


@pytest.mark.parametrize(
    ("number", "suffix", "school"),
    [
        (12, "", "B"),
        (26, "", "B"),
        (12, "bis", "P"),
        (12, "ter", "P"),
        (27, "", "C"),
        (32, "", None),
        (1, "", "A"),
        (25, "", "A"),
        (25, "bis", "A"),
        (30, "bis", "B"),
        (12, "quater", "B"),
        (12, "a", "B"),
        (9001, "", "C"),
    ],
)
def test_rue_des_ecoles(number, suffix, school):
    assert school_of(number, suffix) == school


def test_the_map_of_rue_des_ecoles_has_no_conflict():
    assert conflicts(MAP) == ()


def test_numbers_sort_by_number_then_none_bis_ter_and_letters():
    written = [
        (12, ""),
        (12, "bis"),
        (12, "ter"),
        (12, "quater"),
        (12, "quinquies"),
        (12, "a"),
        (12, "b"),
        (13, ""),
    ]
    houses = [HouseNumber.of(number, suffix) for number, suffix in written]

    assert sorted(houses) == houses


def test_a_suffix_is_read_in_any_case_and_an_unknown_one_is_refused():
    assert HouseNumber.of(12, " BIS ") == HouseNumber.of(12, "bis")
    with pytest.raises(ValueError, match="not a suffix"):
        HouseNumber.of(12, "bus")


def test_12_bis_is_on_the_side_of_12():
    assert Parity.EVEN.has(12)
    assert segment(2, "B", 2, 30, "P").holds(HouseNumber.of(12, "bis"))
    assert not segment(2, "A", 1, 25, "I").holds(HouseNumber.of(12, "bis"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (segment(2, "A", 1, 40), segment(3, "B", 30, 60)),
        (segment(2, "A", 1, 25, "I"), segment(3, "B", 1, 25, "I")),
        (segment(2, "A"), segment(3, "B")),
        (segment(2, "A"), segment(3, "B", 0, 9999, street="R. DES ECOLES")),
        (segment(2, "A", 2, 30, "P"), segment(3, "B", 1, 31, "P")),
        (segment(2, "A", 1, 20), segment(3, "B", None, None, "P")),
    ],
)
def test_an_equal_overlap_is_an_error_with_both_lines(one, other):
    (found,) = conflicts([other, one])

    assert found.lines == (2, 3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (segment(2, "A", 1, 40), segment(3, "B", 41, 60)),
        (segment(2, "A", 1, 25, "I"), segment(3, "B", 2, 30, "P")),
        (segment(2, "A"), segment(3, "B", 12, 12)),
        (segment(2, "A"), segment(3, "B", None, None, "P")),
        (segment(2, "A"), segment(3, "B", street="Rue du Four")),
        (segment(2, "A"), segment(3, "B", priority=2)),
        (segment(2, "A", 2, 30, "P"), segment(3, "B", 7, 7)),
    ],
)
def test_what_is_apart_inside_or_of_another_priority_is_no_error(one, other):
    assert conflicts([one, other]) == ()


def test_the_first_priority_comes_before_the_narrower_segment():
    segments = [segment(2, "A", priority=1), segment(3, "B", 12, 12, priority=2)]

    assert school_of(12, segments=segments) == "A"


def test_an_equal_overlap_is_never_settled_by_a_guess():
    segments = [segment(2, "A", 1, 40), segment(3, "B", 30, 60)]

    assert school_of(35, segments=segments) is None
    assert school_of(12, segments=segments) == "A"


def test_a_segment_that_ends_before_it_starts_is_empty():
    assert segment(2, "A", 40, 1).is_empty
    assert segment(2, "A", 12, 12, "I").is_empty
    assert not segment(2, "A", 12, 12, "P").is_empty


ENDS = st.none() | st.tuples(st.integers(0, 12), st.sampled_from(["", "bis", "ter", "a"]))
SEGMENTS = st.builds(
    segment, st.integers(2, 99), st.sampled_from("AB"), ENDS, ENDS, st.sampled_from(["P", "I", "PI"])
)
HOUSES = [
    HouseNumber.of(number, suffix)
    for number in range(15)
    for suffix in ("", "bis", "ter", "quater", "a", "z")
]


@given(SEGMENTS, SEGMENTS)
def test_segments_overlap_when_and_only_when_a_house_is_in_both(one, other):
    shared = any(one.holds(house) and other.holds(house) for house in HOUSES)

    assert one.overlaps(other) == shared


@given(SEGMENTS, SEGMENTS)
def test_a_segment_within_another_holds_no_house_of_its_own(one, other):
    if one.is_within(other):
        assert all(other.holds(house) for house in HOUSES if one.holds(house))


@given(st.lists(SEGMENTS, max_size=4))
def test_a_map_without_conflict_decides_for_every_house_that_it_holds(segments):
    has_conflict = any(conflicts([one, other]) for one, other in combinations(segments, 2))

    assert bool(conflicts(segments)) == has_conflict
    if not has_conflict:
        for house in HOUSES:
            holding = [one for one in segments if one.holds(house)]
            assert (most_specific(segments, house) is None) == (not holding)


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("Rue des Écoles", "R. DES ECOLES"),
        ("Avenue Jean Jaurès", "AV JEAN-JAURES"),
        ("Boulevard Victor Hugo", "Bd Victor Hugo"),
        ("Rue Sainte-Anne", "Rue Ste-Anne"),
        ("Impasse Saint-Éloi", "IMP. ST ELOI"),
        ("Place de l'Église", "Pl. de l’Eglise"),
        ("Allée d'Orléans", "ALLEE ORLEANS"),
        ("Rue du 11 Novembre 1918", "rue 11 novembre 1918"),
    ],
)
def test_street_names_are_one_whatever_way_they_are_written(written, other):
    assert street_key(written) == street_key(other)


def test_other_streets_stay_apart():
    assert street_key("Rue des Écoles") != street_key("Place des Écoles")
    assert street_key("Rue Saint-Anne") != street_key("Rue Sainte-Anne")


@given(st.text(max_size=40))
def test_a_street_key_is_its_own_key(name):
    assert street_key(street_key(name)) == street_key(name)


@pytest.mark.parametrize(
    ("line", "number", "suffix", "street"),
    [
        ("12 bis, rue des Écoles", 12, "bis", ECOLES),
        ("12bis rue des Écoles", 12, "bis", ECOLES),
        ("12 B rue des Écoles", 12, "b", ECOLES),
        ("12 R. des Ecoles", 12, "", ECOLES),
        ("12 R rue des Écoles", 12, "r", ECOLES),
        ("7 Rue du 11 Novembre 1918", 7, "", "Rue du 11 Novembre 1918"),
        ("36ter Chemin des Prés", 36, "ter", "Chemin des Prés"),
        ("43 Rue Ste-Anne", 43, "", "Rue Sainte-Anne"),
    ],
)
def test_an_address_begins_with_its_number(line, number, suffix, street):
    assert list(readings(line)) == [StreetAddress(street_key(street), number, suffix)]


def located(line: str, segments=MAP) -> str:
    found = locate(line, by_street(segments))
    return found.value if isinstance(found, Unlocated) else found.school


@pytest.mark.parametrize(
    ("line", "school"),
    [
        ("R. DES ECOLES 12", "B"),
        ("R. DES ECOLES 12 BIS", "P"),
        ("12 rue des Ecoles", "B"),
        ("Rue des Écoles", "missing_number"),
        ("32 rue des Écoles", "no_segment"),
        ("12 rue Inconnue", "unknown_street"),
        ("12-14 rue des Écoles", "unknown_street"),
        ("", "unknown_street"),
    ],
)
def test_an_address_leads_to_its_school_or_to_the_queue(line, school):
    assert located(line) == school


def test_a_year_in_a_street_s_name_is_not_its_number():
    segments = [segment(2, "C", street="Rue du 11 Novembre 1918")]

    assert located("Rue du 11 Novembre 1918", segments) == "missing_number"
    assert located("Rue du 11 Novembre 1918 7", segments) == "C"


@given(st.text(max_size=60))
def test_any_line_is_read_without_failing(line):
    assert all(reading.number is None or reading.number >= 0 for reading in readings(line))


@pytest.mark.parametrize(
    ("born_in", "level", "kind"),
    [
        (2024, None, None),
        (2023, Level.PS, SchoolKind.NURSERY),
        (2021, Level.GS, SchoolKind.NURSERY),
        (2020, Level.CP, SchoolKind.ELEMENTARY),
        (2016, Level.CM2, SchoolKind.ELEMENTARY),
        (2015, None, None),
    ],
)
def test_levels_of_2026_by_birth_year(born_in, level, kind):
    for born_on in (date(born_in, 1, 1), date(born_in, 12, 31)):
        assert level_for(born_on, 2026) is level
        assert kind_for(born_on, 2026) is kind


def test_the_tables_and_the_rules_name_the_same_levels():
    assert [level.value for level in tables.Level] == [level.value for level in Level]
    assert {kind.value for kind in SchoolKind} <= {kind.value for kind in tables.SchoolKind}
    assert kind_of(Level.GS) is SchoolKind.NURSERY
