"""What waits for the service, queue by queue, in the order of arrival."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from domain.documents.queue import waiting_document_ids
from domain.payments.queries import waiting_alerts
from models.activities import ActivityRegistration, RegistrationState
from models.attendance import AbsenceJustification
from models.corrections import ContestedLine
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.messages import MailState, OutboxMail
from models.payments import BankNotification

OPEN = (DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED)


class Queue(StrEnum):
    """What waits."""

    DECLARATIONS = "declarations"
    DOCUMENTS = "documents"
    ADDRESSES = "addresses"
    ACCESS_HELPS = "access_helps"
    ENROLMENTS = "enrolments"
    EXEMPTIONS = "exemptions"
    REGISTRATIONS = "registrations"
    ABSENCES = "absences"
    CONTESTS = "contests"
    ALERTS = "alerts"
    MAILS = "mails"


@dataclass(frozen=True, slots=True)
class Beside:
    """The numbers of what comes before and after a thing in its queue; None at an end."""

    previous: int | None
    following: int | None


def _demarches(kind: DemarcheKind, *states: DemarcheState) -> Callable[[], Select[*tuple[Any, ...]]]:
    def rows() -> Select[*tuple[Any, ...]]:
        return select(Demarche.id.label("id"), Demarche.submitted_at.label("at")).where(
            Demarche.kind == kind, Demarche.state.in_(states)
        )

    return rows


def _contests() -> Select[*tuple[Any, ...]]:
    return (
        select(Demarche.id.label("id"), Demarche.submitted_at.label("at"))
        .join(ContestedLine, ContestedLine.demarche_id == Demarche.id)
        .where(ContestedLine.is_waiting.is_(True))
    )


def _registrations() -> Select[*tuple[Any, ...]]:
    row = ActivityRegistration
    return select(row.id.label("id"), row.created_at.label("at")).where(
        row.state == RegistrationState.REQUESTED
    )


def _absences() -> Select[*tuple[Any, ...]]:
    row = AbsenceJustification
    return select(row.id.label("id"), row.justified_at.label("at")).where(row.is_accepted.is_(None))


def _alerts() -> Select[*tuple[Any, ...]]:
    row = BankNotification
    return select(row.id.label("id"), row.received_at.label("at")).where(*waiting_alerts())


def _mails() -> Select[*tuple[Any, ...]]:
    return select(OutboxMail.id.label("id"), OutboxMail.created_at.label("at")).where(
        OutboxMail.state == MailState.FAILED
    )


ROWS: dict[Queue, Callable[[], Select[*tuple[Any, ...]]]] = {
    Queue.DECLARATIONS: _demarches(DemarcheKind.FAMILY_DECLARATION, DemarcheState.SUBMITTED),
    Queue.DOCUMENTS: waiting_document_ids,
    Queue.ADDRESSES: _demarches(DemarcheKind.ADDRESS_CHANGE, *OPEN),
    Queue.ACCESS_HELPS: _demarches(DemarcheKind.ACCESS_HELP, *OPEN),
    Queue.ENROLMENTS: _demarches(DemarcheKind.SCHOOL_ENROLMENT, *OPEN),
    Queue.EXEMPTIONS: _demarches(DemarcheKind.SECTOR_EXEMPTION, *OPEN),
    Queue.REGISTRATIONS: _registrations,
    Queue.ABSENCES: _absences,
    Queue.CONTESTS: _contests,
    Queue.ALERTS: _alerts,
    Queue.MAILS: _mails,
}


def waiting_since(session: Session) -> dict[Queue, datetime]:
    """Return the arrival of what has waited longest in each queue that is not empty; one query."""
    parts = []
    for queue, rows in ROWS.items():
        waiting = rows().subquery()
        parts.append(select(literal(queue.value).label("queue"), func.min(waiting.c.at).label("at")))
    found = session.execute(union_all(*parts))
    return {Queue(name): at for name, at in found if at is not None}


def beside(session: Session, queue: Queue, row_id: int) -> Beside:
    """Return what stands beside a thing in its queue; after a thing that waits no more comes the oldest."""
    rows = ROWS[queue]().subquery()
    here = session.execute(select(rows.c.at).where(rows.c.id == row_id)).scalar_one_or_none()
    arrival = (rows.c.at, rows.c.id)
    if here is None:
        return Beside(None, session.scalar(select(rows.c.id).order_by(*arrival).limit(1)))
    later = or_(rows.c.at > here, and_(rows.c.at == here, rows.c.id > row_id))
    earlier = or_(rows.c.at < here, and_(rows.c.at == here, rows.c.id < row_id))
    latest = (rows.c.at.desc(), rows.c.id.desc())
    return Beside(
        session.scalar(select(rows.c.id).where(earlier).order_by(*latest).limit(1)),
        session.scalar(select(rows.c.id).where(later).order_by(*arrival).limit(1)),
    )
