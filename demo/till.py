"""How Saint-Préau's families pay: on the régisseur's desk, opened and counted each day, or by card on line."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from demo.families import Builder
from demo.people import STAFF
from domain.actor import Actor, Role, system
from domain.dates import at_minutes
from domain.payments.bank import hear_bank
from domain.payments.gateway import Cause, Notification, Outcome
from domain.payments.operations import open_try
from domain.regie.operations import close_cash_session, open_cash_session, session_entries, take_payment
from domain.regie.rules import FACE_VALUES
from models.accounts import User
from models.payments import PaymentMeans

BANK = system("bank")
FLOAT_CENTS = 100_00
OPENS, CLOSES = 8 * 60 + 30, 17 * 60 + 15
BANK_NAMES = ("Crédit de la Loire", "Banque des Prés", "Caisse du Val")
# Once the drawer held five euros less than it should, and the régisseur knew why.
MISSING_CENTS, MISSING_WHY = 500, "Un billet de 5 € rendu en trop, la famille le rapporte vendredi."


@dataclass(frozen=True, slots=True)
class Taking:
    """A family that pays an invoice, one day."""

    day: date
    family_id: int
    invoice_id: int
    amount_cents: int
    means: PaymentMeans


def take(builder: Builder, takings: Iterable[Taking]) -> None:
    """Take each day's money: the desk is opened, cashes, is counted and closed; cards on line come at night."""
    days: defaultdict[date, list[Taking]] = defaultdict(list)
    for one in takings:
        days[one.day].append(one)
    cashier = _cashier(builder)
    for number, day in enumerate(sorted(days)):
        at_desk = [one for one in days[day] if one.means is not PaymentMeans.CARD_ONLINE]
        if at_desk:
            _day_at_desk(builder, cashier, day, at_desk, is_short=number == 1)
        for minutes, one in enumerate(days[day]):
            if one.means is PaymentMeans.CARD_ONLINE:
                pay_on_line(builder, one, 19 * 60 + minutes)


def _cashier(builder: Builder) -> Actor:
    person = next(one for one in STAFF if one.role == Role.REGISSEUR.value)
    user_id = builder.session.execute(select(User.id).where(User.email == person.email)).scalar_one()
    return Actor(label=f"user:{user_id}", user_id=user_id, roles=frozenset({Role.REGISSEUR}))


def _day_at_desk(
    builder: Builder, cashier: Actor, day: date, takings: Sequence[Taking], *, is_short: bool
) -> None:
    session = builder.session
    name = next(one.name for one in STAFF if one.role == Role.REGISSEUR.value)
    opened = open_cash_session(
        session, actor=cashier, now=at_minutes(day, OPENS), cashier_name=name, float_cents=FLOAT_CENTS
    )
    for minutes, one in enumerate(takings):
        take_payment(
            session,
            actor=cashier,
            now=at_minutes(day, OPENS + 5 + minutes),
            family_id=one.family_id,
            means=one.means,
            amount_cents=one.amount_cents,
            invoice_ids=[one.invoice_id],
            bank_reference=_bank_reference(builder, one.means),
        )
    cash = sum(
        one.amount_cents
        for one in session_entries(session, opened.id)
        if one.means == PaymentMeans.CASH.value
    )
    missing = MISSING_CENTS if is_short and cash >= MISSING_CENTS else 0
    close_cash_session(
        session,
        actor=cashier,
        now=at_minutes(day, CLOSES),
        pieces=pieces_of(FLOAT_CENTS + cash - missing),
        note=MISSING_WHY if missing else "",
    )


def _bank_reference(builder: Builder, means: PaymentMeans) -> str:
    if means is PaymentMeans.CHEQUE:
        return f"{builder.dice.randint(1_000_000, 9_999_999)} {builder.dice.choice(BANK_NAMES)}"
    return f"{builder.dice.randint(1, 9999):04d}" if means is PaymentMeans.CARD_DESK else ""


def pieces_of(cents: int) -> dict[int, int]:
    """Return the fewest notes and coins that make a sum, by face value in cents."""
    pieces: dict[int, int] = {}
    for face in sorted(FACE_VALUES, reverse=True):
        pieces[face], cents = divmod(cents, face)
    return {face: number for face, number in pieces.items() if number}


def pay_on_line(builder: Builder, one: Taking, minutes: int, *, paid_cents: int | None = None) -> None:
    """Let a family pay by card, as the bank says a minute later; it may name another amount than was asked."""
    session, now = builder.session, at_minutes(one.day, minutes)
    opened = open_try(
        session, actor=builder.actor, now=now, family_id=one.family_id, invoice_ids=[one.invoice_id]
    )
    notice = Notification(
        reference=opened.reference,
        amount_cents=opened.amount_cents if paid_cents is None else paid_cents,
        currency="978",
        outcome=Outcome.PAID,
        cause=Cause.NONE,
        error_code="00000",
        authorisation=f"{builder.dice.randint(100_000, 999_999)}",
        transaction=f"{builder.dice.randint(10_000_000, 99_999_999)}",
        call=f"{builder.dice.randint(10_000_000, 99_999_999)}",
        raw=f"ref={opened.reference}&montant={opened.amount_cents}&erreur=00000",
    )
    hear_bank(session, actor=BANK, now=at_minutes(one.day, minutes + 1), notice=notice, source_ip="127.0.0.1")
