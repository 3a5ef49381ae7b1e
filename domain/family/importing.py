"""Importing families: check the file, then write what is new; running it again duplicates nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor
from domain.clock import local_day
from domain.family.import_rules import (
    ChildDraft,
    FamilyDraft,
    Person,
    Problem,
    RowDraft,
    group_families,
    read_row,
)
from domain.family.names import search_key
from domain.family.operations import add_child, add_guardian, create_family
from domain.family.quotients import record_quotient
from domain.schools import rules as school_rules
from models.calendar import SchoolYear
from models.family import Child, ChildFamily, Family, Guardian
from models.health import HealthSheet, Pai
from models.quotients import QuotientFamilial, QuotientSource
from models.schools import EnrolmentState, Level, School, SchoolEnrolment, SchoolKind

LEVELS = frozenset(level.value for level in Level)
MAX_GUARDIANS = 2
CHECKED_AT_ONCE = 500


@dataclass(slots=True)
class ImportPlan:
    """What a file says: its families, what is wrong, and what staff should look at afterwards."""

    families: list[FamilyDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    row_count: int = 0

    @property
    def refused_lines(self) -> frozenset[int]:
        """The lines that will not be imported."""
        return frozenset(problem.line for problem in self.problems)

    @property
    def child_count(self) -> int:
        """How many children the good rows hold."""
        return sum(len(family.children) for family in self.families)


@dataclass(slots=True)
class ImportResult:
    """What was written."""

    families: int = 0
    guardians: int = 0
    children: int = 0
    quotients: int = 0
    already_there: int = 0
    to_check: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Context:
    session: Session
    actor: Actor
    now: datetime
    today: date
    year: SchoolYear | None
    schools: dict[str, School]
    result: ImportResult


def plan_import(session: Session, rows: Iterable[tuple[int, dict[str, str]]], *, today: date) -> ImportPlan:
    """Check every row of a file; nothing is written. See ``plan_steps``."""
    plan = ImportPlan()
    for _count in plan_steps(session, rows, plan, today=today):
        pass
    return plan


def plan_steps(
    session: Session, rows: Iterable[tuple[int, dict[str, str]]], plan: ImportPlan, *, today: date
) -> Iterator[int]:
    """Check every row of a file and fill the plan; yield from time to time how many rows were checked.

    Args:
        rows: line number and cells by column.
        today: the day on which a birth date may not be later.
    """
    schools = frozenset(search_key(name) for name in session.scalars(select(School.name)))
    good: list[RowDraft] = []
    problems: list[Problem] = []
    for line, values in rows:
        draft, faults = read_row(line, values, today=today, schools=schools, levels=LEVELS)
        problems += faults
        if draft is not None:
            good.append(draft)
        plan.row_count += 1
        if plan.row_count % CHECKED_AT_ONCE == 0:
            yield plan.row_count
    plan.families, contradictions = group_families(good)
    plan.problems = sorted(problems + contradictions, key=lambda problem: (problem.line, problem.column))


def apply_import(session: Session, *, actor: Actor, now: datetime, plan: ImportPlan) -> ImportResult:
    """Write all families of a plan, and the trail of it. See ``write_families``."""
    result = write_families(session, actor=actor, now=now, families=plan.families)
    record_import(session, actor=actor, now=now, families=result.families, children=result.children)
    return result


def write_families(
    session: Session, *, actor: Actor, now: datetime, families: Sequence[FamilyDraft]
) -> ImportResult:
    """Write some families of a plan. What an earlier import wrote is found again and left as staff edited it."""
    today = local_day(now)
    context = _Context(
        session=session,
        actor=actor,
        now=now,
        today=today,
        year=session.scalar(
            select(SchoolYear).where(SchoolYear.ends_on >= today).order_by(SchoolYear.starts_on).limit(1)
        ),
        schools={search_key(school.name): school for school in session.scalars(select(School))},
        result=ImportResult(),
    )
    codes = [draft.former_code for draft in families]
    written = select(Family.former_code, Family.id).where(Family.former_code.in_(codes))
    known = dict(session.execute(written).all())
    for draft in families:
        family_id = known.get(draft.former_code)
        if family_id is None:
            family_id = _create(context, draft)
        else:
            context.result.already_there += 1
            _complete(context, family_id, draft)
    session.flush()
    return context.result


def record_import(session: Session, *, actor: Actor, now: datetime, families: int, children: int) -> None:
    """Write down in the trail how much an import wrote."""
    audit.record(
        session,
        actor=actor,
        now=now,
        action="import_families",
        subject_kind="import",
        subject_id=None,
        after={"families": families, "children": children},
    )
    session.flush()


def _create(context: _Context, draft: FamilyDraft) -> int:
    family = create_family(
        context.session,
        actor=context.actor,
        now=context.now,
        name=draft.adults[0].family_name,
        line1=draft.address,
        postcode=draft.postcode,
        city=draft.city,
        former_code=draft.former_code,
        wants_e_invoice=draft.wants_e_invoice,
        notes=_other_phones(draft),
    )
    context.result.families += 1
    for person in draft.adults:
        _add_adult(context, family.id, draft, person)
    for child in draft.children:
        _add_child(context, family.id, child)
    for month, cents in draft.quotients:
        _add_quotient(context, family.id, month, cents)
    return family.id


def _complete(context: _Context, family_id: int, draft: FamilyDraft) -> None:
    """Add to a family that is known already what the file has and the family has not."""
    session = context.session
    adults = list(session.scalars(select(Guardian).where(Guardian.family_id == family_id)))
    adult_keys = {search_key(f"{adult.family_name} {adult.given_name}") for adult in adults}
    for person in draft.adults:
        if person.key not in adult_keys and len(adult_keys) < MAX_GUARDIANS:
            _add_adult(context, family_id, draft, person)
            adult_keys.add(person.key)
    children = session.scalars(
        select(Child)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(ChildFamily.family_id == family_id)
    )
    child_keys = {
        (search_key(f"{child.family_name} {child.given_name}"), child.born_on) for child in children
    }
    for child in draft.children:
        if child.key not in child_keys:
            _add_child(context, family_id, child)
    held = set(
        session.execute(
            select(QuotientFamilial.reference_month, QuotientFamilial.value_cents).where(
                QuotientFamilial.family_id == family_id
            )
        )
    )
    for month, cents in draft.quotients:
        if (month, cents) not in held:
            _add_quotient(context, family_id, month, cents)


def _other_phones(draft: FamilyDraft) -> str:
    """Return a note with the numbers for which the adults have no more room, so that none is lost."""
    rest = draft.phones[2 * len(draft.adults) :]
    return f"Autres téléphones repris de l’ancien logiciel : {', '.join(rest)}." if rest else ""


def _add_adult(context: _Context, family_id: int, draft: FamilyDraft, person: Person) -> None:
    position = draft.adults.index(person)
    phones = draft.phones[position :: len(draft.adults)]
    add_guardian(
        context.session,
        actor=context.actor,
        now=context.now,
        family_id=family_id,
        civility=person.civility,
        family_name=person.family_name,
        given_name=person.given_name,
        email=draft.email if position == 0 else "",
        phone=phones[0] if phones else "",
        phone_alt=phones[1] if len(phones) > 1 else "",
    )
    context.result.guardians += 1


def _add_child(context: _Context, family_id: int, draft: ChildDraft) -> None:
    child = add_child(
        context.session,
        actor=context.actor,
        now=context.now,
        family_id=family_id,
        family_name=draft.family_name,
        given_name=draft.given_name,
        sex=draft.sex,
        born_on=draft.born_on,
        diet=draft.diet,
    )
    context.result.children += 1
    if context.year is None:
        return
    _add_health(context, context.year, child.id, draft)
    _enrol(context, context.year, child.id, draft)


def _add_health(context: _Context, year: SchoolYear, child_id: int, draft: ChildDraft) -> None:
    if not draft.allergies and not draft.has_pai:
        return
    context.session.add(HealthSheet(child_id=child_id, school_year_id=year.id, allergies=draft.allergies))
    if draft.has_pai:
        # A PAI is renewed every year; the imported one holds until the end of this one.
        ends_on = date(year.ends_on.year, 9, 1)
        context.session.add(
            Pai(child_id=child_id, instructions=draft.allergies, valid_from=year.starts_on, valid_to=ends_on)
        )


def _enrol(context: _Context, year: SchoolYear, child_id: int, draft: ChildDraft) -> None:
    """Enrol the child where the file says, unless the school does not teach the child's level."""
    school = context.schools.get(search_key(draft.school))
    if school is None:
        return
    year_starts = year.starts_on.year
    level = (
        school_rules.Level(draft.level) if draft.level else school_rules.level_for(draft.born_on, year_starts)
    )
    if level is None or school.kind.value not in (
        SchoolKind.PRIMARY.value,
        school_rules.kind_of(level).value,
    ):
        facts = {"value": draft.school, "level": str(level or "—")}
        context.result.to_check.append(Problem(draft.line, "ecole", "import_school_level", facts))
        return
    context.session.add(
        SchoolEnrolment(
            child_id=child_id,
            school_id=school.id,
            school_year_id=year.id,
            level=Level(level.value),
            state=EnrolmentState.VALIDATED,
            decided_at=context.now,
        )
    )


def _add_quotient(context: _Context, family_id: int, month: date | None, cents: int) -> None:
    starts_on = month or (context.year.starts_on if context.year else context.today.replace(day=1))
    record_quotient(
        context.session,
        actor=context.actor,
        now=context.now,
        family_id=family_id,
        value_cents=cents,
        source=QuotientSource.IMPORT,
        reference_month=month,
        valid_from=starts_on,
    )
    context.result.quotients += 1
