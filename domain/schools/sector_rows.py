"""Reading a carte scolaire, one row a segment of street: what each row says, and what is wrong with it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.family.import_rules import Problem
from domain.schools.rules import (
    ALL_LEVELS,
    OPEN_END,
    HouseNumber,
    Parity,
    SchoolKind,
    Segment,
    conflicts,
)

COLUMNS = (
    "annee", "niveau", "code_insee", "voie_id", "type_et_libelle", "debut", "debut_rep", "fin", "fin_rep", "parite",
    "uai", "priorite",
)  # fmt: skip
LONGEST_STREET, LONGEST_REF = 160, 40
LAST_PRIORITY = 99


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows are checked against.

    Attributes:
        years: the calendar years in which the known school years start.
        insee_code: the town's own; a row of another town is refused.
        schools: the kind of each school (``MAT``, ``ELEM``, ``PRIM``) by UAI.
    """

    years: frozenset[int]
    insee_code: str
    schools: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SectorRow:
    """A row without fault; ends without a number are None."""

    year: int
    kind: SchoolKind
    street_ref: str
    first_number: int | None
    first_suffix: str
    last_number: int | None
    last_suffix: str
    segment: Segment


class _Reader:
    """Reads the cells of one row, noting every fault instead of stopping at the first."""

    def __init__(self, line: int, values: Mapping[str, str]) -> None:
        self.line = line
        self.values = values
        self.problems: list[Problem] = []

    def fault(self, column: str, code: str, **facts: object) -> None:
        self.problems.append(Problem(self.line, column, code, facts))

    def text(self, column: str, *, longest: int, needed: bool = False) -> str:
        value = self.values.get(column, "")
        if needed and not value:
            self.fault(column, "import_cell_missing")
        if len(value) > longest:
            self.fault(column, "import_cell_too_long", longest=longest)
        return value

    def whole(self, column: str, *, most: int) -> int | None:
        """Read a whole number from 0 to ``most``; None when the cell is empty or wrong."""
        value = self.values.get(column, "")
        if not value:
            return None
        if not (value.isascii() and value.isdecimal()) or int(value) > most:
            self.fault(column, "import_bad_number", value=value, most=most)
            return None
        return int(value)

    def suffix(self, column: str, number: int | None) -> str:
        value = self.values.get(column, "").lower()
        try:
            HouseNumber.of(number or 0, value)
        except ValueError:
            self.fault(column, "import_bad_suffix", value=value)
            return ""
        if value and number is None:
            self.fault(column, "import_suffix_alone", value=value)
        return value

    def choice(self, column: str, known: Iterable[str]) -> str:
        value, choices = self.values.get(column, "").upper(), sorted(known)
        if value not in choices:
            self.fault(column, "import_cell_unknown", value=self.values.get(column, ""), known=choices)
            return ""
        return value


def read_sector(line: int, values: Mapping[str, str], known: Known) -> tuple[SectorRow | None, list[Problem]]:
    """Read one row; the row is None when it has a fault.

    Source: DOMAIN §9 (columns, 9999 or an empty cell as an open end, parities P, I and PI).
    """
    reader = _Reader(line, values)
    if "*" in values:
        reader.fault("*", "import_row_too_long", value=values["*"])
    year = _year(reader, known.years)
    kind = reader.choice("niveau", list(SchoolKind))
    _check_town(reader, known.insee_code)
    school = _school(reader, kind, known.schools)
    street = reader.text("type_et_libelle", longest=LONGEST_STREET, needed=True)
    street_ref = reader.text("voie_id", longest=LONGEST_REF)
    first, last = reader.whole("debut", most=OPEN_END), reader.whole("fin", most=OPEN_END)
    last = None if last == OPEN_END else last
    first_suffix, last_suffix = reader.suffix("debut_rep", first), reader.suffix("fin_rep", last)
    parity = reader.choice("parite", list(Parity))
    priority = reader.whole("priorite", most=LAST_PRIORITY)
    if reader.problems:
        return None, reader.problems
    segment = Segment(
        line=line,
        street=street,
        school=school,
        first=None if first is None else HouseNumber.of(first, first_suffix),
        last=None if last is None else HouseNumber.of(last, last_suffix),
        parity=Parity(parity),
        priority=1 if priority is None else priority,
    )
    if segment.is_empty:
        reader.fault("fin", "import_sector_empty")
        return None, reader.problems
    row = SectorRow(year, SchoolKind(kind), street_ref, first, first_suffix, last, last_suffix, segment)
    return row, []


def _year(reader: _Reader, years: frozenset[int]) -> int:
    value = reader.text("annee", longest=9, needed=True)
    # Some tools write 2026, others 2026-2027.
    year = int(value[:4]) if value[:4].isascii() and value[:4].isdecimal() else 0
    if value and year not in years:
        reader.fault("annee", "import_unknown_year", value=value, known=sorted(years))
    return year


def _check_town(reader: _Reader, insee_code: str) -> None:
    value = reader.text("code_insee", longest=5)
    if value and value != insee_code:
        reader.fault("code_insee", "import_other_town", value=value, own=insee_code)


def _school(reader: _Reader, kind: str, schools: Mapping[str, str]) -> str:
    uai = reader.text("uai", longest=8, needed=True).upper()
    if uai and uai not in schools:
        reader.fault("uai", "import_unknown_uai", value=uai)
    elif uai and kind and schools[uai] not in (kind, ALL_LEVELS):
        reader.fault("uai", "import_school_other_kind", value=uai, kind=kind)
    return uai


def overlaps(rows: Iterable[SectorRow]) -> list[Problem]:
    """Return the equal overlaps of one year and level, each told at its later line with the earlier one's number."""
    maps: dict[tuple[int, SchoolKind], list[Segment]] = {}
    for row in rows:
        maps.setdefault((row.year, row.kind), []).append(row.segment)
    return [
        Problem(
            conflict.later.line,
            "debut",
            "import_sector_overlap",
            {
                "street": conflict.later.street,
                "earlier": conflict.earlier.line,
                "later": conflict.later.line,
            },
        )
        for segments in maps.values()
        for conflict in conflicts(segments)
    ]
