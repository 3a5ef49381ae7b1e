"""Reading an exported list of families, one row a child: what each row says, and what is wrong with it. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from domain.family.names import search_key
from domain.family.rules import normalise_phone

COLUMNS = (
    "code_famille", "resp1_civilite", "resp1_nom", "resp1_prenom", "resp2_civilite", "resp2_nom", "resp2_prenom",
    "adresse", "code_postal", "ville", "telephone", "email", "quotient", "qf_mois", "enfant_nom", "enfant_prenom",
    "enfant_sexe", "enfant_naissance", "ecole", "niveau", "allergies", "regime", "facture_electronique",
)  # fmt: skip
CIVILITIES = {"mme": "mme", "madame": "mme", "m": "m", "mr": "m", "monsieur": "m", "": ""}
SEXES = {"f": "F", "fille": "F", "m": "M", "g": "M", "garcon": "M", "": ""}
DIETS = {"": "standard", "standard": "standard", "sans porc": "no_pork", "sans viande": "no_meat"}
YES, NO = {"oui", "o", "1", "true", "vrai"}, {"non", "n", "0", "false", "faux"}
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
OLDEST_CHILD_YEARS = 25
LONGEST_NAME, LONGEST_ADDRESS = 120, 200


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line and column; ``code`` and ``facts`` give its French sentence."""

    line: int
    column: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """An adult, as typed."""

    civility: str
    family_name: str
    given_name: str

    @property
    def key(self) -> str:
        """What two spellings of the same person share."""
        return search_key(f"{self.family_name} {self.given_name}")


@dataclass(frozen=True, slots=True)
class ChildDraft:
    """A child of a row."""

    line: int
    family_name: str
    given_name: str
    sex: str
    born_on: date
    school: str
    level: str
    allergies: str
    has_pai: bool
    diet: str

    @property
    def key(self) -> tuple[str, date]:
        """What makes two rows the same child of a family."""
        return search_key(f"{self.family_name} {self.given_name}"), self.born_on


@dataclass(frozen=True, slots=True)
class RowDraft:
    """A row without fault."""

    line: int
    former_code: str
    adults: tuple[Person, ...]
    address: str
    postcode: str
    city: str
    phone: str
    email: str
    quotient_cents: int | None
    quotient_month: date | None
    wants_e_invoice: bool | None
    child: ChildDraft


@dataclass(frozen=True, slots=True)
class FamilyDraft:
    """A family, put together from its good rows."""

    former_code: str
    adults: tuple[Person, ...]
    address: str
    postcode: str
    city: str
    phones: tuple[str, ...]
    email: str
    quotients: tuple[tuple[date | None, int], ...]
    wants_e_invoice: bool
    children: tuple[ChildDraft, ...]


class _Reader:
    """Reads the cells of one row, noting every fault instead of stopping at the first."""

    def __init__(self, line: int, values: Mapping[str, str]) -> None:
        self.line = line
        self.values = values
        self.problems: list[Problem] = []

    def fault(self, column: str, code: str, **facts: object) -> None:
        self.problems.append(Problem(self.line, column, code, facts))

    def text(self, column: str, *, needed: bool = False, longest: int = LONGEST_NAME) -> str:
        value = self.values.get(column, "")
        if needed and not value:
            self.fault(column, "import_cell_missing")
        if len(value) > longest:
            self.fault(column, "import_cell_too_long", longest=longest)
        return value

    def choice(self, column: str, known: Mapping[str, str]) -> str:
        value = search_key(self.values.get(column, "")).rstrip(".")
        if value not in known:
            self.fault(
                column, "import_cell_unknown", value=self.values[column], known=sorted(filter(None, known))
            )
            return ""
        return known[value]

    def day(self, column: str, today: date) -> date:
        value = self.text(column, needed=True)
        try:
            day = datetime.strptime(value, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            if value:
                self.fault(column, "import_bad_date", value=value)
            return today
        if day > today:
            self.fault(column, "import_future_date", value=value)
        elif day.year < today.year - OLDEST_CHILD_YEARS:
            self.fault(column, "import_old_date", value=value)
        return day

    def month(self, column: str) -> date | None:
        value = self.values.get(column, "")
        match = re.fullmatch(r"(?P<m>\d{1,2})/(?P<y>\d{4})|(?P<y2>\d{4})-(?P<m2>\d{1,2})", value)
        month = int(match["m"] or match["m2"]) if match else 0
        if not 1 <= month <= 12:
            if value:
                self.fault(column, "import_bad_month", value=value)
            return None
        assert match is not None  # noqa: S101 - month is 0 without a match
        return date(int(match["y"] or match["y2"]), month, 1)

    def cents(self, column: str) -> int | None:
        value = self.values.get(column, "").replace(" ", "").replace(",", ".").removesuffix("€")
        if not value:
            return None
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")):
            self.fault(column, "import_bad_amount", value=self.values[column])
            return None
        return int(amount * 100)

    def yes_or_no(self, column: str) -> bool | None:
        value = search_key(self.values.get(column, ""))
        if value in YES or value in NO:
            return value in YES
        if value:
            self.fault(column, "import_not_yes_or_no", value=self.values[column])
        return None

    def phone(self, column: str) -> str:
        value = self.values.get(column, "")
        number = normalise_phone(value) if value else ""
        if number is None:
            self.fault(column, "import_bad_phone", value=value)
        return number or ""

    def email(self, column: str) -> str:
        value = self.values.get(column, "").lower()
        if value and not EMAIL.fullmatch(value):
            self.fault(column, "import_bad_email", value=self.values[column])
            return ""
        return value


def read_row(
    line: int, values: Mapping[str, str], *, today: date, schools: frozenset[str], levels: frozenset[str]
) -> tuple[RowDraft | None, list[Problem]]:
    """Read one row; return what it says, or None with every fault it has.

    Args:
        schools: search keys of the town's schools.
        levels: the levels that are known, e.g. ``CE1``.
    """
    reader = _Reader(line, values)
    if "*" in values:
        reader.fault("*", "import_row_too_long", value=values["*"])
    postcode = reader.text("code_postal", needed=True)
    if postcode and not re.fullmatch(r"\d{5}", postcode):
        reader.fault("code_postal", "import_bad_postcode", value=postcode)
    quotient_cents, quotient_month = reader.cents("quotient"), reader.month("qf_mois")
    draft = RowDraft(
        line=line,
        former_code=reader.text("code_famille", needed=True, longest=40),
        adults=_adults(reader),
        address=reader.text("adresse", needed=True, longest=LONGEST_ADDRESS),
        postcode=postcode,
        city=reader.text("ville", needed=True),
        phone=reader.phone("telephone"),
        email=reader.email("email"),
        quotient_cents=quotient_cents,
        quotient_month=quotient_month,
        wants_e_invoice=reader.yes_or_no("facture_electronique"),
        child=_child(reader, today, schools, levels),
    )
    return (None if reader.problems else draft), reader.problems


def _adults(reader: _Reader) -> tuple[Person, ...]:
    first = Person(
        reader.choice("resp1_civilite", CIVILITIES),
        reader.text("resp1_nom", needed=True),
        reader.text("resp1_prenom"),
    )
    second = Person(
        reader.choice("resp2_civilite", CIVILITIES), reader.text("resp2_nom"), reader.text("resp2_prenom")
    )
    return (first, second) if second.family_name or second.given_name else (first,)


def _child(reader: _Reader, today: date, schools: frozenset[str], levels: frozenset[str]) -> ChildDraft:
    school = reader.text("ecole")
    if school and search_key(school) not in schools:
        reader.fault("ecole", "import_unknown_school", value=school)
    level = reader.text("niveau").upper()
    if level and level not in levels:
        reader.fault("niveau", "import_cell_unknown", value=level, known=sorted(levels))
    allergies = reader.text("allergies", longest=1000)
    return ChildDraft(
        line=reader.line,
        family_name=reader.text("enfant_nom", needed=True),
        given_name=reader.text("enfant_prenom"),
        sex=reader.choice("enfant_sexe", SEXES),
        born_on=reader.day("enfant_naissance", today),
        school=school,
        level=level,
        allergies=re.sub(r"^PAI\b[\s:]*", "", allergies, flags=re.IGNORECASE),
        has_pai=bool(re.match(r"PAI\b", allergies, flags=re.IGNORECASE)),
        diet=reader.choice("regime", DIETS),
    )


def group_families(rows: Iterable[RowDraft]) -> tuple[list[FamilyDraft], list[Problem]]:
    """Put the rows of each family together; name the rows that repeat or contradict an earlier one."""
    problems: list[Problem] = []
    owners: dict[str, RowDraft] = {}
    families: dict[str, list[RowDraft]] = {}
    for row in rows:
        kept = families.get(row.former_code, [])
        found = _contradictions(row, kept) or _taken_email(row, owners)
        if found:
            problems += found
            continue
        families.setdefault(row.former_code, []).append(row)
        if row.email:
            owners.setdefault(row.email, row)
    return [_family(code, kept) for code, kept in families.items()], problems


def _contradictions(row: RowDraft, kept: list[RowDraft]) -> list[Problem]:
    """Compare a row with the first good row of its family, and with the children already read."""
    if not kept:
        return []
    first = kept[0]
    pairs = (
        ("resp1_nom", [person.key for person in row.adults[:1]], [person.key for person in first.adults[:1]]),
        ("resp2_nom", [person.key for person in row.adults[1:]], [person.key for person in first.adults[1:]]),
        ("adresse", search_key(row.address), search_key(first.address)),
        ("code_postal", row.postcode, first.postcode),
        ("ville", _place(row.city), _place(first.city)),
        ("email", row.email or first.email, first.email or row.email),
        ("quotient", row.quotient_cents, first.quotient_cents),
    )
    found = [
        Problem(row.line, column, "import_rows_disagree", {"other_line": first.line})
        for column, here, there in pairs
        if here != there
    ]
    twins = [other.line for other in kept if other.child.key == row.child.key]
    return found or [Problem(row.line, "*", "import_duplicate_row", {"other_line": line}) for line in twins]


def _place(city: str) -> str:
    """Return a town's name without case, accents or hyphens."""
    return search_key(city).replace("-", " ")


def _taken_email(row: RowDraft, owners: Mapping[str, RowDraft]) -> list[Problem]:
    owner = owners.get(row.email)
    if owner is None or owner.former_code == row.former_code:
        return []
    return [Problem(row.line, "email", "import_email_taken", {"value": row.email, "other_line": owner.line})]


def _family(code: str, rows: list[RowDraft]) -> FamilyDraft:
    first = rows[0]
    answers = [row.wants_e_invoice for row in rows if row.wants_e_invoice is not None]
    quotients = {(row.quotient_month, row.quotient_cents) for row in rows if row.quotient_cents is not None}
    dated = sorted((month, cents) for month, cents in quotients if month is not None)
    return FamilyDraft(
        former_code=code,
        adults=tuple(_best_spelling([row.adults[n] for row in rows]) for n in range(len(first.adults))),
        address=first.address,
        postcode=first.postcode,
        city=min((row.city for row in rows), key=str.isupper),
        phones=tuple(dict.fromkeys(row.phone for row in rows if row.phone)),
        email=next((row.email for row in rows if row.email), ""),
        # A month that one row gives and another leaves empty is the same figure, said twice.
        quotients=tuple(dated) or tuple(quotients),
        # Paper is what a family keeps until it says otherwise, so one "no" is enough.
        wants_e_invoice=bool(answers) and all(answers),
        children=tuple(row.child for row in rows),
    )


def _best_spelling(spellings: list[Person]) -> Person:
    """Prefer ``Brun`` to ``BRUN`` when the rows give both."""
    return min(spellings, key=lambda person: person.family_name.isupper())
