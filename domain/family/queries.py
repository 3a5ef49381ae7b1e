"""A family whole, as staff see it: people, documents, bookings, money, and the trail of its file."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from domain.family.sheet import FamilySheet, family_sheet
from domain.family.situation import Situation, situation
from domain.family.timeline import Act, family_timeline
from models.activities import Activity
from models.demarches import Demarche
from models.direct_debits import SepaMandate
from models.documents import Document
from models.family import Child, ChildFamily, Family, FamilyAddress, Guardian
from models.invoices import Invoice
from models.messages import OutboxMail
from models.payments import LedgerEntry, Payment
from models.quotients import QuotientFamilial
from models.reservations import LIVE_STATES, Reservation
from models.tariffs import Voucher

RECENT, TIMELINE, WEEKS, MAILS = 12, 15, 2, 6


@dataclass(frozen=True, slots=True)
class Booking:
    """A day booked for a child."""

    day: date
    child_id: int
    child_name: str
    activity_name: str


@dataclass(frozen=True, slots=True)
class FamilyOverview:
    """What an agent needs to answer a family on the telephone."""

    sheet: FamilySheet
    addresses: list[FamilyAddress]
    quotients: list[QuotientFamilial]
    documents: list[Document]
    bookings: list[Booking]
    invoices: list[Invoice]
    payments: list[Payment]
    demarches: list[Demarche]
    vouchers: list[Voucher]
    mandate: SepaMandate | None
    mails: list[OutboxMail]
    situation: Situation
    timeline: list[Act]
    balance_cents: int

    @property
    def family(self) -> Family:
        """The file."""
        return self.sheet.family

    @property
    def booked_days(self) -> list[tuple[date, list[tuple[str, list[str]]]]]:
        """The bookings by day and, within it, by child: the activities of each."""
        days: dict[date, dict[str, list[str]]] = {}
        for one in self.bookings:
            days.setdefault(one.day, {}).setdefault(one.child_name, []).append(one.activity_name)
        return [(day, list(children.items())) for day, children in days.items()]


def family_overview(session: Session, family_id: int, today: date) -> FamilyOverview | None:
    """Return a family whole, or None; the number of queries does not depend on its size."""
    if session.get(Family, family_id) is None:
        return None
    balance = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(LedgerEntry.family_id == family_id)
    )
    return FamilyOverview(
        sheet=family_sheet(session, family_id, today),
        addresses=_of(session, FamilyAddress, family_id, FamilyAddress.valid_from),
        quotients=_of(session, QuotientFamilial, family_id, QuotientFamilial.valid_from),
        documents=_documents(session, family_id),
        bookings=_bookings(session, family_id, today),
        invoices=_of(session, Invoice, family_id, Invoice.issued_at),
        payments=_of(session, Payment, family_id, Payment.received_at),
        demarches=_of(session, Demarche, family_id, Demarche.id),
        vouchers=_vouchers(session, family_id, today),
        mandate=session.scalar(
            select(SepaMandate).where(SepaMandate.family_id == family_id, SepaMandate.revoked_on.is_(None))
        ),
        mails=_of(session, OutboxMail, family_id, OutboxMail.id, MAILS),
        situation=situation(session, family_id, today),
        timeline=family_timeline(session, family_id=family_id, limit=TIMELINE),
        balance_cents=int(balance or 0),
    )


def _of(session: Session, model: Any, family_id: int, newest_by: Any, limit: int = RECENT) -> list[Any]:
    """Return the newest rows of a table that belong to a family."""
    statement = select(model).where(model.family_id == family_id)
    return list(session.scalars(statement.order_by(newest_by.desc()).limit(limit)))


def _vouchers(session: Session, family_id: int, today: date) -> list[Voucher]:
    """Return the aids that are in force or to come."""
    current = or_(Voucher.valid_to.is_(None), Voucher.valid_to > today)
    statement = select(Voucher).where(Voucher.family_id == family_id, current).order_by(Voucher.valid_from)
    return list(session.scalars(statement))


def _documents(session: Session, family_id: int) -> list[Document]:
    adults = select(Guardian.id).where(Guardian.family_id == family_id)
    children = select(ChildFamily.child_id).where(ChildFamily.family_id == family_id)
    return list(
        session.scalars(
            select(Document)
            .where(
                or_(
                    Document.family_id == family_id,
                    Document.guardian_id.in_(adults),
                    Document.child_id.in_(children),
                )
            )
            .options(joinedload(Document.type))
            .order_by(Document.id.desc())
            .limit(RECENT)
        )
    )


def _bookings(session: Session, family_id: int, today: date) -> list[Booking]:
    """Return what is booked this week and the next."""
    monday = today - timedelta(days=today.weekday())
    rows = session.execute(
        select(Reservation.day, Child.id, Child.given_name, Activity.short_name)
        .join(Child, Child.id == Reservation.child_id)
        .join(Activity, Activity.id == Reservation.activity_id)
        .where(
            Reservation.family_id == family_id,
            Reservation.day >= monday,
            Reservation.day < monday + timedelta(weeks=WEEKS),
            Reservation.state.in_(LIVE_STATES),
        )
        .order_by(Reservation.day, Child.given_name, Activity.position)
    )
    return [Booking(*row) for row in rows]
