"""A parent contests a line of an invoice; staff correct the invoice, or say why the line stands."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family, require_role
from domain.actor import Actor, Role
from domain.demarches.operations import open_demarche, submit_demarche
from domain.errors import Refusal
from models.corrections import ContestedLine
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Family
from models.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceState

MESSAGE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Contest:
    """A contested line with all that an answer needs."""

    demarche_id: int
    number: str
    state: DemarcheState
    submitted_at: datetime | None
    decided_at: datetime | None
    reason: str
    message: str
    family_id: int
    family_name: str
    family_code: str | None
    invoice_id: int
    invoice_number: str
    invoice_month: date | None
    invoice_state: InvoiceState
    line_id: int
    child_name: str
    label: str
    amount_cents: int

    @property
    def is_open(self) -> bool:
        """Whether staff have still to answer."""
        return self.state is DemarcheState.SUBMITTED


def contest_line(session: Session, *, actor: Actor, now: datetime, line_id: int, message: str) -> Demarche:
    """Ask staff to look at a line again; a line that waits for an answer is asked once.

    Raises:
        Refusal: ``not_your_family``, ``message_missing``, ``line_not_contestable`` on a credit note or a cancelled
            invoice.
    """
    line = session.get_one(InvoiceLine, line_id)
    invoice = session.get_one(Invoice, line.invoice_id)
    require_family(actor, invoice.family_id)
    if not message.strip():
        raise Refusal("message_missing")
    if invoice.kind is InvoiceKind.CREDIT_NOTE or invoice.state is InvoiceState.CANCELLED:
        raise Refusal("line_not_contestable", number=invoice.number)
    waiting = session.scalar(
        select(ContestedLine).where(ContestedLine.line_id == line_id, ContestedLine.is_waiting.is_(True))
    )
    if waiting is not None:
        return session.get_one(Demarche, waiting.demarche_id)
    demarche = submit_demarche(session, actor, now, DemarcheKind.CONTESTED_LINE, invoice.family_id)
    session.add(
        ContestedLine(
            demarche_id=demarche.id,
            line_id=line_id,
            invoice_id=invoice.id,
            family_id=invoice.family_id,
            message=message.strip()[:MESSAGE_LENGTH],
        )
    )
    session.flush()
    _audit(session, actor, now, demarche, "line_contested", {"invoice": invoice.number, "line": line.label})
    return demarche


def refuse_contest(session: Session, *, actor: Actor, now: datetime, demarche_id: int, reason: str) -> None:
    """Tell a family why a line stands.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``demarche_already_decided``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not reason.strip():
        raise Refusal("reason_missing")
    _close(session, actor, now, demarche_id, DemarcheState.REFUSED, reason.strip())


def accept_contest(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, note_number: str
) -> None:
    """Close a contest by the credit note that answers it, in the same transaction.

    Raises:
        Refusal: ``not_allowed``, ``demarche_already_decided``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    _close(session, actor, now, demarche_id, DemarcheState.ACCEPTED, note_number)


def _close(
    session: Session, actor: Actor, now: datetime, demarche_id: int, state: DemarcheState, reason: str
) -> None:
    demarche = open_demarche(session, demarche_id)
    contested = session.get_one(ContestedLine, demarche_id)
    demarche.state, demarche.reason = state, reason
    demarche.decided_at, demarche.decided_by = now, actor.label
    contested.is_waiting = False
    session.flush()
    _audit(session, actor, now, demarche, f"contest_{state.value}", {"reason": reason})


def _audit(
    session: Session, actor: Actor, now: datetime, demarche: Demarche, action: str, after: dict[str, str]
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="demarche",
        subject_id=demarche.id,
        family_id=demarche.family_id,
        after=after,
    )
    session.flush()


def open_contest_count(session: Session) -> int:
    """Return how many contested lines wait for an answer."""
    waiting = select(func.count()).select_from(ContestedLine).where(ContestedLine.is_waiting.is_(True))
    return session.scalar(waiting) or 0


def contests(
    session: Session,
    *,
    demarche_id: int | None = None,
    invoice_id: int | None = None,
    only_open: bool = False,
    limit: int = 200,
) -> list[Contest]:
    """Return contested lines, those that wait longest first: one, those of an invoice, or the queue."""
    statement = (
        select(ContestedLine, Demarche, Family.name, Family.code, Invoice, InvoiceLine)
        .join(Demarche, Demarche.id == ContestedLine.demarche_id)
        .join(Family, Family.id == ContestedLine.family_id)
        .join(Invoice, Invoice.id == ContestedLine.invoice_id)
        .join(InvoiceLine, InvoiceLine.id == ContestedLine.line_id)
        .order_by(ContestedLine.is_waiting.desc(), Demarche.submitted_at, Demarche.id)
        .limit(limit)
    )
    if demarche_id is not None:
        statement = statement.where(ContestedLine.demarche_id == demarche_id)
    if invoice_id is not None:
        statement = statement.where(ContestedLine.invoice_id == invoice_id)
    if only_open:
        statement = statement.where(ContestedLine.is_waiting.is_(True))
    return [
        Contest(
            demarche_id=demarche.id,
            number=demarche.number or "",
            state=demarche.state,
            submitted_at=demarche.submitted_at,
            decided_at=demarche.decided_at,
            reason=demarche.reason,
            message=contested.message,
            family_id=contested.family_id,
            family_name=name,
            family_code=code,
            invoice_id=invoice.id,
            invoice_number=invoice.number,
            invoice_month=invoice.month,
            invoice_state=invoice.state,
            line_id=line.id,
            child_name=line.child_name,
            label=line.label,
            amount_cents=line.amount_cents,
        )
        for contested, demarche, name, code, invoice, line in session.execute(statement)
    ]
