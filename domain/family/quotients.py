"""A family's quotient familial: written into its history, with what proves it and until when it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.documents.needs import NeededDocument, needed_documents
from domain.documents.rules import REMINDER_DAYS, reminder_due
from domain.errors import Refusal
from domain.family.operations import Editors
from models.documents import Document, DocumentRequirement, DocumentState, DocumentType
from models.family import Family, FamilyState
from models.messages import OutboxMail
from models.quotients import QuotientFamilial, QuotientSource

# The act under which staff say which documents prove a quotient (``DocumentRequirement.act``).
PROOF_ACT = "quotient"
# The mail that tells of an end (templates/mail).
ENDING_MAIL = "quotient_ending"


@dataclass(frozen=True, slots=True)
class Proof:
    """A document of the family that may prove a quotient."""

    id: int
    kind_name: str
    state: DocumentState
    given_at: datetime
    issued_on: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class EndingQuotient:
    """A quotient that ends with nothing after it; ``last_day`` is the last one on which it holds."""

    id: int
    family_id: int
    value_cents: int
    last_day: date


def record_quotient(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    value_cents: int,
    source: QuotientSource,
    valid_from: date,
    reference_month: date | None = None,
    valid_to: date | None = None,
    document_id: int | None = None,
    note: str = "",
) -> QuotientFamilial:
    """Write a quotient into the history; the one in force until then ends where this one starts.

    Args:
        reference_month: the month whose resources it counts.
        valid_to: the first day on which it no longer holds; without it, it holds until the next one.
        document_id: the family's document that proves it.

    Raises:
        Refusal: ``not_allowed``, ``quotient_negative``, ``quotient_ends_before``, ``quotient_proof_not_there``.
    """
    require_role(actor, *Editors, Role.REGISSEUR)
    if value_cents < 0:
        raise Refusal("quotient_negative")
    if valid_to is not None and valid_to <= valid_from:
        raise Refusal("quotient_ends_before")
    if document_id is not None and document_id not in {one.id for one in proofs_of(session, family_id)}:
        raise Refusal("quotient_proof_not_there")
    history = list(
        session.scalars(
            select(QuotientFamilial)
            .where(QuotientFamilial.family_id == family_id)
            .order_by(QuotientFamilial.valid_from)
        )
    )
    for earlier in history:
        is_open = earlier.valid_to is None or earlier.valid_to > valid_from
        if earlier.valid_from < valid_from and is_open:
            earlier.valid_to = valid_from
    later = [row.valid_from for row in history if row.valid_from > valid_from]
    quotient = QuotientFamilial(
        family_id=family_id,
        value_cents=value_cents,
        source=source,
        reference_month=reference_month,
        valid_from=valid_from,
        valid_to=min([*later, *([valid_to] if valid_to else [])], default=None),
        document_id=document_id,
        note=note,
    )
    session.add(quotient)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="record_quotient",
        subject_kind="quotient_familial",
        subject_id=quotient.id,
        family_id=family_id,
        after={
            "value_cents": value_cents,
            "valid_from": valid_from.isoformat(),
            "valid_to": quotient.valid_to.isoformat() if quotient.valid_to else None,
        },
    )
    return quotient


def proofs_of(session: Session, family_id: int) -> Sequence[Proof]:
    """Return the family's own documents that were not refused, the latest first."""
    rows = session.execute(
        select(Document, DocumentType.name)
        .join(DocumentType, DocumentType.id == Document.document_type_id)
        .where(Document.family_id == family_id, Document.state != DocumentState.REFUSED)
        .order_by(Document.id.desc())
    )
    return [
        Proof(row.id, name, row.state, row.created_at, row.issued_on, row.valid_until) for row, name in rows
    ]


def proof_kinds(session: Session) -> frozenset[int]:
    """Return the kinds of document that prove a quotient."""
    return frozenset(
        session.scalars(
            select(DocumentRequirement.document_type_id).where(DocumentRequirement.act == PROOF_ACT)
        )
    )


def asked_proofs(session: Session, *, family_id: int, today: date) -> list[NeededDocument]:
    """Return the documents that prove this family's quotient, one of which is enough, with what it gave already."""
    return needed_documents(session, act=PROOF_ACT, family_id=family_id, today=today)


def ending_quotients(
    session: Session, *, now: datetime, family_id: int | None = None
) -> list[EndingQuotient]:
    """Return the quotients that end within 30 days with nothing to renew them, of validated families.

    Neither a later quotient nor a new proof that waits for the service. From the next day on these families pay
    the highest price (DOMAIN.md, 6).
    """
    today = local_day(now)
    after = aliased(QuotientFamilial)
    statement = (
        select(
            QuotientFamilial.id,
            QuotientFamilial.family_id,
            QuotientFamilial.value_cents,
            QuotientFamilial.valid_to,
        )
        .join(Family, Family.id == QuotientFamilial.family_id)
        .where(
            Family.state == FamilyState.VALIDATED,
            QuotientFamilial.valid_to > today,
            QuotientFamilial.valid_to <= today + timedelta(days=max(REMINDER_DAYS) + 1),
            ~exists().where(
                Document.family_id == QuotientFamilial.family_id,
                Document.state == DocumentState.SUBMITTED,
                Document.document_type_id.in_(
                    select(DocumentRequirement.document_type_id).where(DocumentRequirement.act == PROOF_ACT)
                ),
            ),
            ~exists().where(
                after.family_id == QuotientFamilial.family_id,
                after.id != QuotientFamilial.id,
                after.valid_from >= QuotientFamilial.valid_from,
                after.valid_to.is_(None) | (after.valid_to > QuotientFamilial.valid_to),
            ),
        )
        .order_by(QuotientFamilial.family_id, QuotientFamilial.id)
    )
    if family_id is not None:
        statement = statement.where(QuotientFamilial.family_id == family_id)
    return [
        EndingQuotient(row.id, row.family_id, row.value_cents, row.valid_to - timedelta(days=1))
        for row in session.execute(statement)
    ]


def quotients_to_remind_of(session: Session, *, now: datetime) -> list[EndingQuotient]:
    """Return the ends of which families are told today: once 30 and once 7 days before, as of documents."""
    ending = ending_quotients(session, now=now)
    told = dict(
        session.execute(
            select(OutboxMail.family_id, func.max(OutboxMail.created_at))
            .where(
                OutboxMail.kind == ENDING_MAIL, OutboxMail.family_id.in_([one.family_id for one in ending])
            )
            .group_by(OutboxMail.family_id)
        ).all()
    )
    return [one for one in ending if _is_due(one.last_day, told.get(one.family_id), local_day(now))]


def _is_due(last_day: date, told_at: datetime | None, today: date) -> bool:
    return reminder_due(last_day, today, local_day(told_at) if told_at else None) is not None
