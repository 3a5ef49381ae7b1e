"""A purge: part by part and batch by batch, written down as it goes; killed, it goes on where it stopped.

Nothing is removed that is not counted first: ``count_due`` is the dry run, and writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.privacy import accounting, due, erasing, letters
from domain.privacy.files import doom_files
from domain.privacy.periods import periods
from domain.privacy.rules import Kind, is_overdue
from models.accounts import User, UserSession
from models.audit import AuditEntry
from models.demarches import Demarche
from models.family import ActivationSecret
from models.health import HealthSheet, Pai
from models.imports import ImportRun
from models.messages import OutboxMail
from models.payments import BankNotification
from models.privacy import PurgeRun
from models.recovery import RecoveryPause
from models.schools import EnrolmentState, SchoolEnrolment
from models.town import Town

AT_ONCE = 200
RUNS_SHOWN = 12
Ids = Sequence[int]


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of row that a purge removes, or takes the names out of."""

    name: str
    kind: Kind
    due: Callable[[Session, due.Until], due.Ids]
    remove: Callable[[Session, Ids, datetime], None]


def _deleted(model: type) -> Callable[[Session, Ids, datetime], None]:
    def remove(session: Session, ids: Ids, _now: datetime) -> None:
        statement = delete(model).where(model.id.in_(ids))  # type: ignore[attr-defined]
        session.execute(statement.execution_options(synchronize_session=False))

    return remove


def _without_now(strip: Callable[[Session, Ids], None]) -> Callable[[Session, Ids, datetime], None]:
    return lambda session, ids, _now: strip(session, ids)


def _drop_requests(session: Session, ids: Ids, now: datetime) -> None:
    """Delete requests, and the school enrolment that a refused one asked for."""
    refused = (EnrolmentState.REFUSED, EnrolmentState.WITHDRAWN)
    session.execute(
        delete(SchoolEnrolment)
        .where(SchoolEnrolment.demarche_id.in_(ids), SchoolEnrolment.state.in_(refused))
        .execution_options(synchronize_session=False)
    )
    _deleted(Demarche)(session, ids, now)


def _drop_imports(session: Session, ids: Ids, now: datetime) -> None:
    files = session.scalars(select(ImportRun.file_id).where(ImportRun.id.in_(ids))).all()
    _deleted(ImportRun)(session, ids, now)
    doom_files(session, files, now)


def _forget_addresses(session: Session, ids: Ids, _now: datetime) -> None:
    session.execute(
        update(User)
        .where(User.id.in_(ids))
        .values(last_login_ip=None, current_login_ip=None)
        .execution_options(synchronize_session=False)
    )


def _forget_callers(session: Session, ids: Ids, _now: datetime) -> None:
    session.execute(
        update(BankNotification)
        .where(BankNotification.id.in_(ids))
        .values(source_ip="")
        .execution_options(synchronize_session=False)
    )


# In this order: an invoice gives its bookings free before they are looked at.
PARTS: tuple[Part, ...] = (
    Part("refused_requests", Kind.REFUSED_REQUESTS, due.refused_requests, _drop_requests),
    Part("refused_families", Kind.REFUSED_REQUESTS, due.refused_families, erasing.erase_families),
    Part("draft_requests", Kind.DRAFTS, due.draft_requests, _drop_requests),
    Part("draft_families", Kind.DRAFTS, due.draft_families, erasing.erase_families),
    Part("unconfirmed_accounts", Kind.UNCONFIRMED_ACCOUNTS, due.unconfirmed_accounts, erasing.erase_accounts),
    Part("health_sheets", Kind.HEALTH, due.health_sheets, _deleted(HealthSheet)),
    Part("pais", Kind.HEALTH, due.pais, _deleted(Pai)),
    Part("health_documents", Kind.HEALTH, due.health_documents, erasing.erase_documents),
    Part("documents", Kind.DOCUMENTS, due.old_documents, erasing.erase_documents),
    Part("departed_families", Kind.DEPARTED_FAMILIES, due.departed_families, erasing.erase_families),
    Part("invoices", Kind.ACCOUNTING, due.invoices, accounting.strip_invoices),
    Part("payments", Kind.ACCOUNTING, due.payments, accounting.strip_payments),
    Part("reminders", Kind.ACCOUNTING, due.reminders, letters.strip_reminders),
    Part("handovers", Kind.ACCOUNTING, due.handovers, letters.strip_handovers),
    Part("print_batches", Kind.ACCOUNTING, due.print_batches, letters.strip_batches),
    Part("statements", Kind.ACCOUNTING, due.statements, letters.drop_statements),
    Part("recovery_pauses", Kind.ACCOUNTING, due.recovery_pauses, _deleted(RecoveryPause)),
    Part("card_tries", Kind.ACCOUNTING, due.card_tries, _without_now(accounting.strip_tries)),
    Part("bank_calls", Kind.ACCOUNTING, due.bank_calls, _without_now(accounting.strip_calls)),
    Part("mandates", Kind.ACCOUNTING, due.mandates, erasing.erase_mandates),
    Part("reservations", Kind.ACCOUNTING, due.reservations, _without_now(accounting.drop_reservations)),
    Part("attendances", Kind.ACCOUNTING, due.attendances, _without_now(accounting.drop_attendances)),
    Part("audit_entries", Kind.LOGS, due.audit_entries, _deleted(AuditEntry)),
    Part("sign_ins", Kind.LOGS, due.sign_ins, _forget_addresses),
    Part("caller_addresses", Kind.LOGS, due.caller_addresses, _forget_callers),
    Part("sessions", Kind.SECRETS, due.sessions, _deleted(UserSession)),
    Part("activation_secrets", Kind.SECRETS, due.activation_secrets, _deleted(ActivationSecret)),
    Part("mails", Kind.MAILS, due.mails, _deleted(OutboxMail)),
    Part("import_runs", Kind.IMPORTS, due.import_runs, _drop_imports),
)


def count_due(session: Session, today: date) -> dict[str, int]:
    """Return how many rows of each part are due; nothing is written."""
    kept = periods(session)
    return {
        part.name: _count(session, part.due(session, due.until(today, kept[part.kind]))) for part in PARTS
    }


def count_held_back(session: Session, today: date) -> int:
    """Return how many families are due but for a debt, a credit or a request that is still open."""
    since = due.until(today, periods(session)[Kind.DEPARTED_FAMILIES])
    return _count(session, due.held_back_families(session, since))


def _count(session: Session, ids: due.Ids) -> int:
    return session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def start_purge(session: Session, *, actor: Actor, now: datetime) -> PurgeRun:
    """Begin a purge, or go on with the one that did not end; the worker does it batch by batch.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR)
    run = open_purge(session)
    if run is not None:
        return run
    run = PurgeRun(ran_at=now, removed={}, due_count=sum(count_due(session, local_day(now)).values()))
    session.add(run)
    session.flush()
    audit.record(
        session, actor=actor, now=now, action="start_purge", subject_kind="purge_run", subject_id=run.id
    )
    session.flush()
    return run


def open_purge(session: Session) -> PurgeRun | None:
    """Return the purge that has not ended."""
    return session.scalar(select(PurgeRun).where(PurgeRun.is_open))


def purge_batch(session: Session, *, now: datetime, run_id: int) -> str:
    """Remove the next rows that are due, and count them; return of which part, "" when nothing is left.

    The caller commits each batch, then removes the doomed files. The run's row is locked first: two workers never
    count the same rows.
    """
    session.execute(update(PurgeRun).where(PurgeRun.id == run_id).values(updated_at=now))
    run = session.get_one(PurgeRun, run_id, populate_existing=True)
    if not run.is_open:
        return ""
    today, kept = local_day(now), periods(session)
    for part in PARTS:
        rows = part.due(session, due.until(today, kept[part.kind]))
        ids = session.scalars(rows.limit(AT_ONCE)).all()
        if ids:
            part.remove(session, ids, now)
            run.removed = {**run.removed, part.name: run.removed.get(part.name, 0) + len(ids)}
            session.flush()
            return part.name
    run.finished_at, run.is_open = now, False
    session.flush()
    return ""


def last_purges(session: Session) -> list[PurgeRun]:
    """Return the last purges, the latest first."""
    return list(session.scalars(select(PurgeRun).order_by(PurgeRun.id.desc()).limit(RUNS_SHOWN)))


def is_purge_overdue(session: Session, now: datetime) -> bool:
    """Whether no purge ended lately, nor was the portal installed lately; two queries."""
    last = session.scalar(select(func.max(PurgeRun.finished_at)))
    since = last or session.scalar(select(Town.created_at))
    return since is not None and is_overdue(since, now)


def removed_by_kind(removed: Mapping[str, int]) -> dict[Kind, dict[str, int]]:
    """Return counts by part as counts by kind, then part, in the order of a purge."""
    found: dict[Kind, dict[str, int]] = {kind: {} for kind in Kind}
    for part in PARTS:
        if removed.get(part.name):
            found[part.kind][part.name] = removed[part.name]
    return found
