"""A family asks for a child's school: a draft kept page after page, then a numbered request, or its withdrawal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family
from domain.actor import Actor
from domain.clock import local_day
from domain.demarches.operations import next_number
from domain.errors import Refusal
from domain.schools.candidates import Candidate, find_candidate
from domain.schools.papers import enrolment_papers
from domain.schools.rules import Standing, Unlocated, teaches
from domain.schools.sectors import FoundSector, SectorAnswer, sector_of_family, segment_facts
from models import schools as tables
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.schools import (
    EnrolmentRequest,
    EnrolmentState,
    ExemptionMotive,
    School,
    SchoolEnrolment,
    SectorExemption,
)

KINDS = (DemarcheKind.SCHOOL_ENROLMENT, DemarcheKind.SECTOR_EXEMPTION)
OPEN_STATES = (DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the family wants: the sector's school, or another with its motive."""

    wanted_school_id: int | None = None
    motive: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that is being prepared."""

    demarche_id: int
    wish: Wish
    is_domicile_sworn: bool


def require_candidate(
    session: Session, *, actor: Actor, now: datetime, family_id: int, child_id: int, starts_in: int
) -> Candidate:
    """Return a child that the family may ask a school for, now.

    Raises:
        Refusal: ``not_your_family``, ``enrolment_not_possible``, ``enrolment_already``, ``enrolment_asked``,
            ``enrolment_follows``, ``enrolment_not_open_yet``, ``enrolment_closed``, ``enrolment_no_campaign``.
    """
    require_family(actor, family_id)
    found = find_candidate(session, family_id=family_id, child_id=child_id, starts_in=starts_in, now=now)
    if found is None:
        raise Refusal("enrolment_not_possible")
    if not found.may_ask:
        raise standing_refusal(found)
    return found


def standing_refusal(found: Candidate) -> Refusal:
    """Return why a family may not ask for a child's school now."""
    facts: dict[str, Any] = {"child": found.given_name, "year": found.year.label}
    if found.standing is Standing.ENROLLED:
        return Refusal("enrolment_already", school=found.school_name, **facts)
    if found.standing is Standing.ASKED:
        return Refusal("enrolment_asked", **facts)
    if found.standing is Standing.FOLLOWS:
        return Refusal("enrolment_follows", level=found.level.value, school=found.school_name, **facts)
    if found.campaign is None:
        return Refusal("enrolment_no_campaign", **facts)
    if found.standing is Standing.NOT_OPEN_YET:
        return Refusal("enrolment_not_open_yet", opens_at=found.campaign.opens_at, **facts)
    return Refusal("enrolment_closed", closed_at=found.campaign.closes_at, **facts)


def find_draft(session: Session, *, family_id: int, candidate: Candidate) -> Draft | None:
    """Return what the family has prepared for a child and year, the latest if two windows were open."""
    row = _draft_row(session, family_id, candidate)
    if row is None:
        return None
    answers = row.answers
    wish = Wish(
        answers.get("wanted_school_id"), str(answers.get("motive", "")), str(answers.get("details", ""))
    )
    return Draft(row.id, wish, bool(answers.get("is_domicile_sworn")))


def _draft_row(session: Session, family_id: int, candidate: Candidate) -> Demarche | None:
    rows = session.scalars(
        select(Demarche)
        .where(
            Demarche.family_id == family_id,
            Demarche.child_id == candidate.child_id,
            Demarche.kind.in_(KINDS),
            Demarche.state == DemarcheState.DRAFT,
        )
        .order_by(Demarche.id.desc())
    )
    return next((row for row in rows if row.answers.get("school_year_id") == candidate.year.id), None)


def save_wish(
    session: Session, *, actor: Actor, now: datetime, family_id: int, candidate: Candidate, wish: Wish
) -> Draft:
    """Keep which school the family wants; nothing is asked yet.

    Raises:
        Refusal: ``not_your_family``, ``wanted_school_missing``, ``school_wrong_level``,
            ``wanted_school_is_sector``, ``motive_missing``.
    """
    require_family(actor, family_id)
    _check_wish(session, family_id, candidate, wish, now)
    row = _draft_row(session, family_id, candidate)
    if row is None:
        row = Demarche(
            kind=DemarcheKind.SCHOOL_ENROLMENT,
            family_id=family_id,
            child_id=candidate.child_id,
            user_id=actor.user_id or None,
            answers={},
        )
        session.add(row)
    is_exemption = wish.wanted_school_id is not None
    row.kind = DemarcheKind.SECTOR_EXEMPTION if is_exemption else DemarcheKind.SCHOOL_ENROLMENT
    row.answers = row.answers | {
        "school_year_id": candidate.year.id,
        "wanted_school_id": wish.wanted_school_id,
        "motive": wish.motive if is_exemption else "",
        "details": wish.details.strip() if is_exemption else "",
    }
    session.flush()
    return Draft(row.id, wish, bool(row.answers.get("is_domicile_sworn")))


def _check_wish(session: Session, family_id: int, candidate: Candidate, wish: Wish, now: datetime) -> None:
    if wish.wanted_school_id is None:
        return
    school = session.get(School, wish.wanted_school_id)
    if school is None:
        raise Refusal("wanted_school_missing")
    if not teaches(school.kind.value, candidate.level):
        raise Refusal("school_wrong_level", school=school.name, level=candidate.level.value)
    found = sector_answer(session, family_id=family_id, candidate=candidate, now=now).outcome
    if isinstance(found, FoundSector) and found.school_id == school.id:
        raise Refusal("wanted_school_is_sector", school=school.name)
    motives = session.scalars(select(ExemptionMotive.name).where(ExemptionMotive.is_active)).all()
    if wish.motive not in motives:
        raise Refusal("motive_missing")


def sector_answer(session: Session, *, family_id: int, candidate: Candidate, now: datetime) -> SectorAnswer:
    """Return what the carte scolaire says of the family for a child and year."""
    return sector_of_family(
        session, family_id=family_id, year=candidate.year, level=candidate.level, today=local_day(now)
    )


def swear_domicile(
    session: Session, *, actor: Actor, family_id: int, demarche_id: int, is_sworn: bool
) -> None:
    """Keep in a draft that an adult swears where the family lives, in place of a proof.

    Raises:
        Refusal: ``not_your_family``, ``demarche_already_sent``.
    """
    row = _own_draft(session, actor, family_id, demarche_id)
    row.answers = row.answers | {"is_domicile_sworn": is_sworn}
    session.flush()


def _own_draft(session: Session, actor: Actor, family_id: int, demarche_id: int) -> Demarche:
    require_family(actor, family_id)
    row = session.get_one(Demarche, demarche_id)
    if row.family_id != family_id or row.kind not in KINDS:
        raise Refusal("not_your_family")
    if row.state is not DemarcheState.DRAFT:
        raise Refusal("demarche_already_sent", number=row.number)
    return row


def submit_request(
    session: Session, *, actor: Actor, now: datetime, family_id: int, candidate: Candidate, draft: Draft
) -> Demarche:
    """Send a prepared request: it gets its number, and the child a requested enrolment for the year.

    The sector is found again, from the address known now; where the map gives none, staff decide.

    Raises:
        Refusal: those of ``save_wish``, ``enrolment_documents_missing``, ``domicile_missing``,
            ``demarche_already_sent``, ``enrolment_asked`` (the child's other family was first).
    """
    row = _own_draft(session, actor, family_id, draft.demarche_id)
    _check_wish(session, family_id, candidate, draft.wish, now)
    _check_papers(session, family_id, candidate, draft, now)
    answer = sector_answer(session, family_id=family_id, candidate=candidate, now=now)
    sent = session.execute(
        update(Demarche)
        .where(Demarche.id == row.id, Demarche.state == DemarcheState.DRAFT)
        .values(state=DemarcheState.SUBMITTED, number=next_number(session, now), submitted_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)
    if not sent.rowcount:  # type: ignore[attr-defined]
        raise Refusal("demarche_already_sent", number=row.number)
    enrolment = _request(session, row, candidate, answer, draft)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="school_enrolment_asked",
        subject_kind="demarche",
        subject_id=row.id,
        family_id=family_id,
        after={
            "child_id": candidate.child_id,
            "level": candidate.level.value,
            "school_year": candidate.year.label,
            "sector_school_id": enrolment.school_id,
            "wanted_school_id": draft.wish.wanted_school_id,
        },
    )
    session.flush()
    return row


def _check_papers(
    session: Session, family_id: int, candidate: Candidate, draft: Draft, now: datetime
) -> None:
    papers = enrolment_papers(
        session,
        family_id=family_id,
        child_id=candidate.child_id,
        is_exemption=draft.wish.wanted_school_id is not None,
        today=local_day(now),
    )
    if papers.missing:
        names = [f"{one.type_name} ({one.subject_name})" for one in papers.missing]
        raise Refusal("enrolment_documents_missing", names=names)
    if not papers.has_domicile and not draft.is_domicile_sworn:
        raise Refusal("domicile_missing")


def _request(
    session: Session, row: Demarche, candidate: Candidate, answer: SectorAnswer, draft: Draft
) -> SchoolEnrolment:
    """Write the requested enrolment, what the map said, and the derogation if there is one."""
    found = answer.outcome
    school_id = found.school_id if isinstance(found, FoundSector) else None
    enrolment = SchoolEnrolment(
        child_id=candidate.child_id,
        school_id=school_id,
        school_year_id=candidate.year.id,
        demarche_id=row.id,
        level=tables.Level(candidate.level.value),
        state=EnrolmentState.REQUESTED,
    )
    try:
        with session.begin_nested():
            session.add(enrolment)
    except IntegrityError:
        raise Refusal("enrolment_asked", child=candidate.given_name, year=candidate.year.label) from None
    session.add(
        EnrolmentRequest(
            enrolment_id=enrolment.id,
            family_id=row.family_id,
            address=answer.address,
            sector_school_id=school_id,
            segment=segment_facts(found.segment) if isinstance(found, FoundSector) else {},
            unlocated=found.value if isinstance(found, Unlocated) else "",
            is_domicile_sworn=draft.is_domicile_sworn,
        )
    )
    if draft.wish.wanted_school_id is not None:
        session.add(
            SectorExemption(
                enrolment_id=enrolment.id,
                wanted_school_id=draft.wish.wanted_school_id,
                motive=draft.wish.motive,
                details=draft.wish.details,
            )
        )
    session.flush()
    return enrolment


def withdraw_request(session: Session, *, actor: Actor, now: datetime, demarche_id: int) -> None:
    """Take a request back before its answer; the child may be asked for again.

    Raises:
        Refusal: ``not_your_family``, ``demarche_already_decided``.
    """
    row = session.get_one(Demarche, demarche_id)
    if row.family_id is None or row.kind not in KINDS:
        raise Refusal("not_your_family")
    require_family(actor, row.family_id)
    close_request(session, actor=actor, now=now, demarche_id=row.id, state=DemarcheState.WITHDRAWN)
    session.execute(
        update(SchoolEnrolment)
        .where(SchoolEnrolment.demarche_id == row.id, SchoolEnrolment.state == EnrolmentState.REQUESTED)
        .values(state=EnrolmentState.WITHDRAWN, decided_at=now)
    )
    audit.record(
        session,
        actor=actor,
        now=now,
        action="school_enrolment_withdrawn",
        subject_kind="demarche",
        subject_id=row.id,
        family_id=row.family_id,
    )
    session.flush()


def close_request(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, state: DemarcheState, reason: str = ""
) -> None:
    """End an open request, whoever comes first: of two decisions at once, the second one is refused.

    Raises:
        Refusal: ``demarche_already_decided``.
    """
    closed = session.execute(
        update(Demarche)
        .where(Demarche.id == demarche_id, Demarche.kind.in_(KINDS), Demarche.state.in_(OPEN_STATES))
        .values(state=state, decided_at=now, decided_by=actor.label, reason=reason)
        .execution_options(synchronize_session=False)
    )
    row = session.get_one(Demarche, demarche_id, populate_existing=True)
    if not closed.rowcount:  # type: ignore[attr-defined]
        raise Refusal("demarche_already_decided", number=row.number, state=row.state.value)
