"""A person asks for everything held about them: written down, prepared by the worker, fetched within a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.custody.queries import holds_on
from domain.errors import Refusal
from domain.privacy.files import doom_files
from domain.privacy.holdings import HOLDINGS
from domain.privacy.person import Person
from domain.privacy.rules import archive_expiry
from models.custody import GuardianRight
from models.documents import Document, DocumentType, StoredFile
from models.family import Guardian
from models.invoices import Invoice, InvoiceLine
from models.privacy import DataRequest

AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file to put into the archive: where it is kept, and what it is called there."""

    key: str
    name: str


def ask_for_data(session: Session, *, actor: Actor, now: datetime) -> DataRequest:
    """Ask for one's own data; while one request waits or may still be fetched, it is the same.

    Raises:
        Refusal: ``not_allowed`` to a program or to somebody without an account.
    """
    if not actor.user_id:
        raise Refusal("not_allowed")
    mine = DataRequest.user_id == actor.user_id
    waiting = session.scalar(select(DataRequest).where(mine, DataRequest.ready_at.is_(None)))
    if waiting is not None:
        return waiting
    request = DataRequest(user_id=actor.user_id, asked_at=now)
    return _written(session, actor, now, request, None)


def ask_for_adult(
    session: Session, *, actor: Actor, now: datetime, guardian_id: int, proof: str
) -> DataRequest:
    """Ask at the desk, for an adult who proved who they are.

    Args:
        proof: how; kept with the request.

    Raises:
        Refusal: ``not_allowed``, ``identity_proof_missing``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if not proof.strip():
        raise Refusal("identity_proof_missing")
    guardian = session.get_one(Guardian, guardian_id)
    request = DataRequest(guardian_id=guardian.id, asked_at=now, note=proof.strip()[:200])
    return _written(session, actor, now, request, guardian.family_id)


def _written(
    session: Session, actor: Actor, now: datetime, request: DataRequest, family_id: int | None
) -> DataRequest:
    session.add(request)
    session.flush()
    _trail(session, actor, now, "ask_for_data", request, family_id)
    return request


def waiting_requests(session: Session) -> Sequence[int]:
    """Return the requests whose archive is not made yet, the oldest first."""
    return session.scalars(
        select(DataRequest.id).where(DataRequest.ready_at.is_(None)).order_by(DataRequest.id).limit(AT_ONCE)
    ).all()


def keep_archive(session: Session, *, now: datetime, request_id: int, file: StoredFile) -> DataRequest:
    """Bind an archive to its request; it may be fetched from now on, for a week."""
    request = session.get_one(DataRequest, request_id)
    request.file_id, request.ready_at, request.expires_at = file.id, now, archive_expiry(now)
    session.flush()
    return request


def fetch_archive(session: Session, *, actor: Actor, now: datetime, request_id: int) -> StoredFile | None:
    """Return an archive to its own person, or to the desk that asked for it; None for anybody else, or too late.

    Each fetch is in the trail.
    """
    request = session.get(DataRequest, request_id)
    if request is None or request.file_id is None or not _is_open(session, request, now):
        return None
    family_id = None
    if request.user_id is not None:
        if request.user_id != actor.user_id:
            return None
    elif not actor.roles & {Role.ADMINISTRATOR, Role.SCHOOL_AGENT}:
        return None
    else:
        family_id = session.get_one(Guardian, request.guardian_id).family_id
    _trail(session, actor, now, "fetch_data", request, family_id)
    return session.get_one(StoredFile, request.file_id)


def _is_open(session: Session, request: DataRequest, now: datetime) -> bool:
    """Whether an archive may be fetched: its week is not over, and no right was taken from its person since."""
    if request.ready_at is None or request.expires_at is None or request.expires_at <= now:
        return False
    whose = (
        Guardian.user_id == request.user_id
        if request.user_id is not None
        else Guardian.id == request.guardian_id
    )
    withdrawn = select(GuardianRight.id).where(
        GuardianRight.guardian_id.in_(select(Guardian.id).where(whose)),
        holds_on(local_day(now)),
        or_(~GuardianRight.has_parental_authority, ~GuardianRight.may_see_health),
        or_(
            GuardianRight.updated_at > request.ready_at,
            GuardianRight.valid_from > local_day(request.ready_at),
        ),
    )
    return session.scalar(withdrawn.limit(1)) is None


def own_requests(session: Session, user_id: int, now: datetime) -> list[DataRequest]:
    """Return an account's requests that wait or may still be fetched, the latest first."""
    return _live(session, DataRequest.user_id == user_id, now)


def desk_requests(session: Session, guardian_id: int, now: datetime) -> list[DataRequest]:
    """Return the same of the desk, for an adult."""
    return _live(session, DataRequest.guardian_id == guardian_id, now)


def _live(session: Session, whose: object, now: datetime) -> list[DataRequest]:
    rows = session.scalars(
        select(DataRequest).where(whose).order_by(DataRequest.id.desc()).limit(AT_ONCE)  # type: ignore[arg-type]
    )
    return [row for row in rows if row.ready_at is None or _is_open(session, row, now)]


def forget_archives(session: Session, *, now: datetime) -> int:
    """Remove archives whose week is over; the request stays as the record that it was answered."""
    rows = session.scalars(
        select(DataRequest).where(DataRequest.expires_at <= now, DataRequest.file_id.is_not(None))
    ).all()
    files = [row.file_id for row in rows]
    for row in rows:
        row.file_id = None
    session.flush()
    return doom_files(session, files, now)


def held_files(session: Session, person: Person) -> list[HeldFile]:
    """Return the files about a person: the papers given, and the invoices as they were issued."""
    about = next(one.about for one in HOLDINGS if one.model is Document)
    papers = session.execute(
        select(Document.id, DocumentType.name, StoredFile.key, StoredFile.filename)
        .join(DocumentType, DocumentType.id == Document.document_type_id)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .where(about(person))
        .order_by(Document.id)
    )
    found = [HeldFile(row.key, f"pieces/{row.id}-{_safe(row.filename)}") for row in papers]
    names_hidden = exists().where(
        InvoiceLine.invoice_id == Invoice.id, InvoiceLine.child_id.in_(person.hidden)
    )
    invoices = session.execute(
        select(Invoice.number, StoredFile.key)
        .join(StoredFile, StoredFile.id == Invoice.file_id)
        .where(Invoice.family_id.in_(person.family_ids), ~names_hidden)
        .order_by(Invoice.id)
    )
    return found + [HeldFile(key, f"factures/{number}.pdf") for number, key in invoices]


def _safe(name: str) -> str:
    """Return a file's name without what an archive could take for a folder."""
    return name.replace("/", "-").replace("\\", "-").lstrip(".")


def _trail(
    session: Session, actor: Actor, now: datetime, action: str, request: DataRequest, family_id: int | None
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="data_request",
        subject_id=request.id,
        family_id=family_id,
    )
    session.flush()
