"""Issuing statements: once for the same facts, kept as they were, and replaced when the facts have changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family, require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.family.names import formal_name
from domain.family.sheet import current_address
from domain.numbering import take_numbers
from domain.statements.account import account_facts
from domain.statements.attendance import attendance_facts
from domain.statements.tax import PaidYears, paid_years
from models.family import ChildFamily, Family, Guardian
from models.statements import Statement, StatementKind

SERIES = {StatementKind.TAX: "AF", StatementKind.ATTENDANCE: "AP", StatementKind.ACCOUNT: "RC"}
LONGEST_DAYS = 5 * 366
OFFICE = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT, Role.REGISSEUR)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about: whom, and from which day to which, both included."""

    kind: StatementKind
    family_id: int
    first_on: date
    last_on: date
    child_id: int | None = None


def require_reader(actor: Actor, family_id: int) -> None:
    """Check that the actor may have a family's statements: its adults, and the town's offices.

    Raises:
        Refusal: ``not_your_family``, ``not_allowed``.
    """
    require_family(actor, family_id)
    if family_id not in actor.family_ids:
        require_role(actor, *OFFICE)


def check_period(first_on: date, last_on: date) -> None:
    """Check a period that somebody typed.

    Raises:
        Refusal: ``period_ends_before``, ``period_too_long`` (``years``).
    """
    if last_on < first_on:
        raise Refusal("period_ends_before")
    if (last_on - first_on).days >= LONGEST_DAYS:
        raise Refusal("period_too_long", years=5)


def issue_tax_certificate(
    session: Session, *, actor: Actor, now: datetime, family_id: int, year: int
) -> Statement:
    """Give a family the certificate of a year that is over.

    Raises:
        Refusal: ``not_your_family``, ``not_allowed``; ``tax_year_not_over``; ``no_tax_certificate`` when nothing was
            paid for the care of a child young enough.
    """
    require_reader(actor, family_id)
    if year >= local_day(now).year:
        raise Refusal("tax_year_not_over", year=year)
    facts = tax_facts(paid_years(session, [family_id], [year])[family_id], year)
    if not facts["children"]:
        raise Refusal("no_tax_certificate", year=year)
    subject = Subject(StatementKind.TAX, family_id, date(year, 1, 1), date(year, 12, 31))
    return _issue(session, actor, now, subject, facts)


def tax_facts(paid: PaidYears, year: int) -> dict[str, Any]:
    """Return what the certificate of a year says."""
    found = paid.by_year[year]
    children = [
        {
            "child_id": one.child_id,
            "name": paid.children[one.child_id].full_name,
            "born_on": paid.children[one.child_id].born_on.isoformat(),
            "lines": [[activity, cents] for activity, cents in one.lines],
            "cents": one.cents,
            "cesu_cents": one.cesu_cents,
        }
        for one in found.children
    ]
    return {
        "age_limit": paid.age_limit,
        "children": children,
        "total_cents": found.total_cents,
        "excluded_cents": found.excluded_cents,
    }


def issue_attendance(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    child_id: int,
    first_on: date,
    last_on: date,
) -> Statement:
    """Attest the days on which a child came for one of its families.

    Raises:
        Refusal: ``not_your_family``, ``not_allowed``, ``not_your_child``, and those of ``check_period``;
            ``period_not_over`` when it ends after today.
    """
    require_reader(actor, family_id)
    check_period(first_on, last_on)
    if last_on > local_day(now):
        raise Refusal("period_not_over")
    is_of_family = select(ChildFamily.id).where(
        ChildFamily.family_id == family_id, ChildFamily.child_id == child_id
    )
    if session.scalar(is_of_family.limit(1)) is None:
        raise Refusal("not_your_child")
    facts = attendance_facts(
        session, family_id=family_id, child_id=child_id, first_on=first_on, last_on=last_on
    )
    subject = Subject(StatementKind.ATTENDANCE, family_id, first_on, last_on, child_id)
    return _issue(session, actor, now, subject, facts)


def issue_account(
    session: Session, *, actor: Actor, now: datetime, family_id: int, first_on: date, last_on: date
) -> Statement:
    """Give a family the statement of its account over a period.

    Raises:
        Refusal: ``not_your_family``, ``not_allowed``, and those of ``check_period``.
    """
    require_reader(actor, family_id)
    check_period(first_on, last_on)
    facts = account_facts(session, family_id=family_id, first_on=first_on, last_on=last_on)
    return _issue(session, actor, now, Subject(StatementKind.ACCOUNT, family_id, first_on, last_on), facts)


def _issue(
    session: Session, actor: Actor, now: datetime, subject: Subject, facts: dict[str, Any]
) -> Statement:
    """Return the statement that says these facts; write it when none does, in the place of the one before."""
    _lock(session, subject.family_id)
    before = latest(session, subject)
    if before is not None and before.facts == facts:
        return before
    year = local_day(now).year
    series = SERIES[subject.kind]
    found = Statement(
        kind=subject.kind,
        number=f"{series}{year}-{take_numbers(session, series, year):06d}",
        family_id=subject.family_id,
        child_id=subject.child_id,
        first_on=subject.first_on,
        last_on=subject.last_on,
        issued_at=now,
        head=_head(session, subject.family_id, local_day(now)),
        facts=facts,
        replaces_id=before.id if before is not None else None,
    )
    session.add(found)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="issue_statement",
        subject_kind="statement",
        subject_id=found.id,
        family_id=subject.family_id,
        before={"number": before.number} if before is not None else None,
        after={"number": found.number, "kind": subject.kind.value},
    )
    session.flush()
    return found


def _lock(session: Session, family_id: int) -> None:
    """Let two requests for the same statement come one after the other."""
    session.execute(
        update(Family)
        .where(Family.id == family_id)
        .values(updated_at=Family.updated_at)
        .execution_options(synchronize_session=False)
    )


def latest(session: Session, subject: Subject) -> Statement | None:
    """Return the statement in force about a subject, if one was issued."""
    return session.scalars(
        select(Statement)
        .where(
            Statement.kind == subject.kind,
            Statement.family_id == subject.family_id,
            Statement.child_id == subject.child_id
            if subject.child_id is not None
            else Statement.child_id.is_(None),
            Statement.first_on == subject.first_on,
            Statement.last_on == subject.last_on,
        )
        .order_by(Statement.id.desc())
        .limit(1)
    ).first()


def _head(session: Session, family_id: int, today: date) -> Mapping[str, str]:
    """Return whom a statement is addressed to, as of today: the family's payer."""
    family = session.get_one(Family, family_id)
    payer = session.scalars(
        select(Guardian)
        .where(Guardian.family_id == family_id)
        .order_by(Guardian.is_payer.desc(), Guardian.rank)
        .limit(1)
    ).first()
    home = current_address(session, family_id, today)
    lines = [home.line1, home.line2, f"{home.postcode} {home.city}"] if home is not None else []
    return {
        "payer_name": formal_name(payer.civility.value, payer.given_name, payer.family_name)
        if payer is not None
        else family.name,
        "payer_address": "\n".join(line for line in lines if line),
        "family_code": family.code or "",
    }
