"""Absences that a family justifies, and the service's answer. Only "justified, on this date": never a diagnosis."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_booking, require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.family.names import full_name
from models.attendance import AbsenceJustification
from models.documents import Document, StoredFile
from models.family import Child, ChildFamily, Family

LONGEST = timedelta(days=60)
OLDEST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Absence:
    """An absence as its family and the service see it; ``is_accepted`` is None while nobody has answered."""

    id: int
    child_id: int
    child_name: str
    family_id: int
    family_name: str
    starts_on: date
    ends_on: date
    justified_at: datetime
    document_id: int | None
    filename: str
    media_type: str
    is_accepted: bool | None
    reason: str

    @property
    def is_sworn(self) -> bool:
        """Whether the family's word stands for the certificate."""
        return self.document_id is None

    @property
    def state(self) -> str:
        """The state as pages name it."""
        if self.is_accepted is None:
            return "submitted"
        return "accepted" if self.is_accepted else "refused"


def report_absence(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    starts_on: date,
    ends_on: date,
    document_id: int | None = None,
) -> AbsenceJustification:
    """Write down that a family justifies an absence, with a certificate or on its word.

    Reporting it already counts for the delays of the regulation; what it frees is decided by the service.

    Args:
        starts_on, ends_on: first and last day missed.
        document_id: the certificate; None for a sworn statement.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``, ``absence_ends_before``, ``absence_too_long``,
            ``absence_too_old``, ``absence_already_reported``.
    """
    require_booking(actor, family_id, child_id)
    if not _is_member(session, child_id, family_id, starts_on):
        raise Refusal("unknown_child")
    check_days(starts_on, ends_on, today=local_day(now))
    same = select(AbsenceJustification.id).where(
        AbsenceJustification.child_id == child_id,
        AbsenceJustification.family_id == family_id,
        AbsenceJustification.starts_on <= ends_on,
        AbsenceJustification.ends_on >= starts_on,
        or_(AbsenceJustification.is_accepted.is_(None), AbsenceJustification.is_accepted.is_(True)),
    )
    if session.scalar(same) is not None:
        raise Refusal("absence_already_reported")
    absence = AbsenceJustification(
        child_id=child_id,
        family_id=family_id,
        starts_on=starts_on,
        ends_on=ends_on,
        justified_at=now,
        document_id=document_id,
    )
    session.add(absence)
    session.flush()
    _trail(session, actor, now, absence, "report_absence")
    return absence


def check_days(starts_on: date, ends_on: date, *, today: date) -> None:
    """Refuse days that make no absence, whatever is known of the child.

    Raises:
        Refusal: ``absence_ends_before``, ``absence_too_long``, ``absence_too_old``.
    """
    if ends_on < starts_on:
        raise Refusal("absence_ends_before")
    if ends_on - starts_on > LONGEST or starts_on - today > LONGEST:
        raise Refusal("absence_too_long", days=LONGEST.days)
    if today - starts_on > OLDEST:
        raise Refusal("absence_too_old", days=OLDEST.days)


def decide_absence(
    session: Session, *, actor: Actor, now: datetime, absence_id: int, accept: bool, reason: str = ""
) -> AbsenceJustification:
    """Answer an absence once; accepted, it frees what the town's delays say when the month is billed.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing`` (a refusal says why), ``absence_already_decided``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if not accept and not reason.strip():
        raise Refusal("reason_missing")
    decided = session.execute(
        update(AbsenceJustification)
        .where(AbsenceJustification.id == absence_id, AbsenceJustification.is_accepted.is_(None))
        .values(
            is_accepted=accept,
            reason="" if accept else reason.strip(),
            updated_at=now,
            updated_by=actor.label,
        )
        .execution_options(synchronize_session=False)
    )
    if decided.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("absence_already_decided")
    absence = session.get_one(AbsenceJustification, absence_id, populate_existing=True)
    _trail(session, actor, now, absence, "accept_absence" if accept else "refuse_absence")
    return absence


def family_absences(session: Session, *, family_id: int, child_id: int) -> list[Absence]:
    """Return what a family reported for a child, latest first."""
    return _read(
        session, AbsenceJustification.family_id == family_id, AbsenceJustification.child_id == child_id
    )[::-1]


def waiting_absences(session: Session) -> list[Absence]:
    """Return the absences that wait for an answer, oldest first."""
    return _read(session, AbsenceJustification.is_accepted.is_(None))


def find_absence(session: Session, absence_id: int) -> Absence | None:
    """Return one absence."""
    return next(iter(_read(session, AbsenceJustification.id == absence_id)), None)


def _read(session: Session, *conditions: object) -> list[Absence]:
    rows = session.execute(
        select(AbsenceJustification, Child, Family.name, StoredFile.filename, StoredFile.media_type)
        .join(Child, Child.id == AbsenceJustification.child_id)
        .join(Family, Family.id == AbsenceJustification.family_id)
        .outerjoin(Document, Document.id == AbsenceJustification.document_id)
        .outerjoin(StoredFile, StoredFile.id == Document.file_id)
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(AbsenceJustification.justified_at, AbsenceJustification.id)
    )
    return [
        Absence(
            id=row.id,
            child_id=row.child_id,
            child_name=full_name(child.given_name, child.family_name),
            family_id=row.family_id,
            family_name=family_name,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            justified_at=row.justified_at,
            document_id=row.document_id,
            filename=filename or "",
            media_type=media_type or "",
            is_accepted=row.is_accepted,
            reason=row.reason,
        )
        for row, child, family_name, filename, media_type in rows
    ]


def _is_member(session: Session, child_id: int, family_id: int, day: date) -> bool:
    held = select(ChildFamily.id).where(
        ChildFamily.child_id == child_id,
        ChildFamily.family_id == family_id,
        ChildFamily.valid_from <= day,
        or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > day),
    )
    return session.scalar(held) is not None


def _trail(session: Session, actor: Actor, now: datetime, absence: AbsenceJustification, action: str) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="child",
        subject_id=absence.child_id,
        family_id=absence.family_id,
        after={"starts_on": absence.starts_on.isoformat(), "ends_on": absence.ends_on.isoformat()},
    )
    session.flush()
