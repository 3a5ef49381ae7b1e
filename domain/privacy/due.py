"""What is due to go: for each part of a purge, the rows that are older than the town keeps them.

Each function returns a selection of numbers, asked again before every batch: what a batch removed is no longer due.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from domain.dates import at
from domain.privacy.rules import GONE, cutoff, last_closed_year
from models.accounts import STAFF_ROLE_NAMES, Role, User, UserRole, UserSession
from models.attendance import Attendance
from models.audit import AuditEntry
from models.calendar import SchoolYear
from models.corrections import Adjustment
from models.demarches import Demarche, DemarcheState
from models.direct_debits import DebitState, DirectDebit, SepaMandate
from models.documents import Document, DocumentState, DocumentType
from models.family import ActivationSecret, Family, FamilyState, Guardian
from models.health import HealthSheet, Pai
from models.imports import ImportRun
from models.invoices import CarriedAmount, CarriedItem, Invoice, InvoiceItem, InvoiceKind, InvoiceState
from models.messages import MailState, OutboxMail, PrintBatch
from models.payments import BankNotification, LedgerEntry, Payment, PaymentTry
from models.recovery import HandoverBatch, RecoveryPause, Reminder
from models.reservations import Reservation
from models.statements import Statement

CLOSED_REQUESTS = (DemarcheState.REFUSED, DemarcheState.WITHDRAWN)
OPEN_REQUESTS = (DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED)
Ids = Select[int]


@dataclass(frozen=True, slots=True)
class Until:
    """The first day that a kind still keeps, and the instant at which it begins."""

    today: date
    day: date

    @property
    def instant(self) -> datetime:
        """The beginning of the first day kept."""
        return at(self.day, time())


def until(today: date, months: int) -> Until:
    """Return since when a kind is kept."""
    return Until(today, cutoff(today, months))


def refused_requests(_session: Session, since: Until) -> Ids:
    """Requests refused or withdrawn, but those that brought a family's file: it goes with the file."""
    is_declared = exists().where(Family.id == Demarche.family_id, Family.state == FamilyState.REFUSED)
    return select(Demarche.id).where(
        Demarche.state.in_(CLOSED_REQUESTS), Demarche.decided_at < since.instant, ~is_declared
    )


def refused_families(_session: Session, since: Until) -> Ids:
    """Files whose declaration was refused, and that nobody took up again."""
    recent = exists().where(
        Demarche.family_id == Family.id,
        or_(Demarche.decided_at >= since.instant, Demarche.decided_at.is_(None)),
    )
    return select(Family.id).where(
        Family.state == FamilyState.REFUSED, Family.updated_at < since.instant, ~recent
    )


def draft_families(_session: Session, since: Until) -> Ids:
    """Files that a parent began to declare and never sent."""
    recent = exists().where(Guardian.family_id == Family.id, Guardian.updated_at >= since.instant)
    return select(Family.id).where(
        Family.state == FamilyState.DRAFT, Family.updated_at < since.instant, ~recent
    )


def draft_requests(_session: Session, since: Until) -> Ids:
    """Requests that a family of the town began and never sent."""
    is_file = exists().where(Family.id == Demarche.family_id, Family.state == FamilyState.DRAFT)
    return select(Demarche.id).where(
        Demarche.state == DemarcheState.DRAFT, Demarche.updated_at < since.instant, ~is_file
    )


def unconfirmed_accounts(_session: Session, since: Until) -> Ids:
    """Accounts whose e-mail was never confirmed; staff's are made by the town."""
    is_staff = exists().where(
        UserRole.user_id == User.id, UserRole.role_id == Role.id, Role.name.in_(STAFF_ROLE_NAMES)
    )
    is_adult = exists().where(Guardian.user_id == User.id)
    return select(User.id).where(
        User.confirmed_at.is_(None), User.created_at < since.instant, ~is_staff, ~is_adult
    )


def _closed_year(session: Session, since: Until) -> date | None:
    return last_closed_year(session.scalars(select(SchoolYear.ends_on)), since.day)


def health_sheets(_session: Session, since: Until) -> Ids:
    """Sheets of school years that are over."""
    years = select(SchoolYear.id).where(SchoolYear.ends_on < since.day)
    return select(HealthSheet.id).where(HealthSheet.school_year_id.in_(years))


def pais(session: Session, since: Until) -> Ids:
    """PAI that ended within a school year that is over."""
    last = _closed_year(session, since)
    # ``valid_to`` is the first day without it.
    return select(Pai.id).where(Pai.valid_to <= last if last else Pai.id.is_(None))


def health_documents(session: Session, since: Until) -> Ids:
    """Papers about health that ended within a school year that is over."""
    last = _closed_year(session, since)
    return (
        select(Document.id)
        .join(DocumentType, DocumentType.id == Document.document_type_id)
        .where(DocumentType.is_health, Document.valid_until <= last if last else Document.id.is_(None))
    )


def old_documents(_session: Session, since: Until) -> Ids:
    """Papers refused, or over, for longer than the period: no act needs them any more."""
    is_over = and_(Document.valid_until.is_not(None), Document.valid_until < since.day)
    is_refused = and_(Document.state == DocumentState.REFUSED, Document.reviewed_at < since.instant)
    return select(Document.id).where(or_(is_over, is_refused))


def departed_families(_session: Session, since: Until) -> Ids:
    """Families gone for longer than the period, that owe nothing, are owed nothing and ask for nothing."""
    return select(Family.id).where(_is_long_gone(since), ~_is_unsettled())


def held_back_families(_session: Session, since: Until) -> Ids:
    """Families gone for longer than the period, whose account or request is still open."""
    return select(Family.id).where(_is_long_gone(since), _is_unsettled())


def _is_long_gone(since: Until) -> ColumnElement[bool]:
    return and_(
        Family.state == FamilyState.DEPARTED, Family.left_on < since.day, Family.pseudonymised_at.is_(None)
    )


def _is_unsettled() -> ColumnElement[bool]:
    """Whether a family still has a debt, a credit, a sum to invoice, a debit under way or a request in hand."""
    balance = (
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .where(LedgerEntry.family_id == Family.id)
        .scalar_subquery()
    )
    carried = exists().where(
        CarriedAmount.family_id == Family.id,
        CarriedAmount.id.not_in(
            select(InvoiceItem.carried_id).where(
                InvoiceItem.carried_id.is_not(None), InvoiceItem.released_by_id.is_(None)
            )
        ),
    )
    return or_(
        balance != 0,
        exists().where(Invoice.family_id == Family.id, Invoice.kind == InvoiceKind.INVOICE, ~_is_settled()),
        carried,
        exists().where(Adjustment.family_id == Family.id, Adjustment.invoice_id.is_(None)),
        exists().where(
            DirectDebit.family_id == Family.id, DirectDebit.state.in_((DebitState.ANNOUNCED, DebitState.SENT))
        ),
        exists().where(Demarche.family_id == Family.id, Demarche.state.in_(OPEN_REQUESTS)),
    )


def _is_settled() -> ColumnElement[bool]:
    return or_(Invoice.paid_cents == Invoice.total_cents, Invoice.state == InvoiceState.CANCELLED)


def invoices(_session: Session, since: Until) -> Ids:
    """Invoices and credit notes beyond the legal period, settled; one that is not waits for its settlement."""
    return select(Invoice.id).where(
        Invoice.issued_at < since.instant, Invoice.payer_name != GONE, _is_settled()
    )


def payments(_session: Session, since: Until) -> Ids:
    """Payments beyond the legal period, of which nothing is left to use."""
    return select(Payment.id).where(
        Payment.received_at < since.instant,
        Payment.payer_name != GONE,
        Payment.allocated_cents + Payment.refunded_cents == Payment.amount_cents,
    )


def reminders(_session: Session, since: Until) -> Ids:
    """Reminders of debts beyond the legal period."""
    return select(Reminder.id).where(Reminder.sent_on < since.day, Reminder.payer_name != GONE)


def handovers(_session: Session, since: Until) -> Ids:
    """Files that went to the Trésor before the legal period."""
    is_kept = or_(HandoverBatch.csv_file_id.is_not(None), HandoverBatch.xlsx_file_id.is_not(None))
    return select(HandoverBatch.id).where(HandoverBatch.handed_on < since.day, is_kept)


def print_batches(_session: Session, since: Until) -> Ids:
    """PDFs made for the printer beyond the legal period."""
    return select(PrintBatch.id).where(PrintBatch.ready_at < since.instant, PrintBatch.file_id.is_not(None))


def statements(_session: Session, since: Until) -> Ids:
    """Certificates and statements issued before the legal period."""
    return select(Statement.id).where(Statement.issued_at < since.instant)


def recovery_pauses(_session: Session, since: Until) -> Ids:
    """Why a family was left alone, beyond the legal period."""
    return select(RecoveryPause.id).where(RecoveryPause.until_on < since.day)


def card_tries(_session: Session, since: Until) -> Ids:
    """Tries of a card beyond the legal period."""
    return select(PaymentTry.id).where(
        PaymentTry.opened_at < since.instant,
        or_(PaymentTry.authorisation != "", PaymentTry.transaction != ""),
    )


def bank_calls(_session: Session, since: Until) -> Ids:
    """The bank's calls beyond the legal period."""
    return select(BankNotification.id).where(
        BankNotification.received_at < since.instant, BankNotification.raw != ""
    )


def mandates(_session: Session, since: Until) -> Ids:
    """Mandates stopped, and last used, before the legal period."""
    last = func.coalesce(SepaMandate.last_used_on, SepaMandate.signed_on)
    return select(SepaMandate.id).where(
        SepaMandate.revoked_on < since.day, last < since.day, SepaMandate.holder != GONE
    )


def reservations(_session: Session, since: Until) -> Ids:
    """Bookings of days beyond the legal period that no invoice names any more."""
    return select(Reservation.id).where(
        Reservation.day < since.day,
        ~exists().where(InvoiceItem.reservation_id == Reservation.id),
        ~exists().where(CarriedItem.reservation_id == Reservation.id),
    )


def attendances(_session: Session, since: Until) -> Ids:
    """Roll-calls of days beyond the legal period that no invoice names any more."""
    return select(Attendance.id).where(
        Attendance.day < since.day,
        *(
            ~exists().where(or_(table.attendance_id == Attendance.id, table.late_id == Attendance.id))
            for table in (InvoiceItem, CarriedItem)
        ),
    )


def audit_entries(_session: Session, since: Until) -> Ids:
    """The trail."""
    return select(AuditEntry.id).where(AuditEntry.at < since.instant)


def sign_ins(_session: Session, since: Until) -> Ids:
    """Accounts whose last addresses of connection are kept for too long."""
    last = func.coalesce(User.current_login_at, User.last_login_at)
    return select(User.id).where(
        last < since.instant, or_(User.last_login_ip.is_not(None), User.current_login_ip.is_not(None))
    )


def caller_addresses(_session: Session, since: Until) -> Ids:
    """The bank's calls that still say from which address they came."""
    return select(BankNotification.id).where(
        BankNotification.received_at < since.instant, BankNotification.source_ip != ""
    )


def sessions(_session: Session, since: Until) -> Ids:
    """Browsers signed out, or not seen for longer than the period."""
    return select(UserSession.id).where(
        func.coalesce(UserSession.ended_at, UserSession.seen_at) < since.instant
    )


def activation_secrets(_session: Session, since: Until) -> Ids:
    """Secrets of letters that were used, replaced or over."""
    over = func.coalesce(ActivationSecret.used_at, ActivationSecret.revoked_at, ActivationSecret.expires_at)
    return select(ActivationSecret.id).where(over < since.instant)


def mails(_session: Session, since: Until) -> Ids:
    """Mails that left, or that will never leave."""
    return select(OutboxMail.id).where(
        OutboxMail.state != MailState.QUEUED, OutboxMail.created_at < since.instant
    )


def import_runs(_session: Session, since: Until) -> Ids:
    """Files that staff imported, with the rows that were not taken."""
    return select(ImportRun.id).where(ImportRun.created_at < since.instant)
