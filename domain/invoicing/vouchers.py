"""Aids (CAF, CCAS) granted to a family: taken off its invoices after price, never below zero, until they are used up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.dates import next_month
from domain.errors import Refusal
from domain.invoicing.rules import voucher_amount
from models.tariffs import Voucher

GRANTING = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT, Role.REGISSEUR)


@dataclass(frozen=True, slots=True)
class VoucherUse:
    """What an invoice takes of a voucher; ``amount_cents`` is negative, ``left_cents`` what is left afterwards."""

    voucher_id: int
    name: str
    granted_cents: int
    amount_cents: int
    left_cents: int


def grant_voucher(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    name: str,
    amount_cents: int,
    valid_from: date,
    valid_to: date | None,
) -> Voucher:
    """Grant an aid to a family; months that the range touches are helped.

    Raises:
        Refusal: ``not_allowed``; ``voucher_wrong`` for no amount, or an end that is not after the beginning.
    """
    require_role(actor, *GRANTING)
    _check(amount_cents, valid_from, valid_to)
    voucher = Voucher(
        family_id=family_id, name=name, amount_cents=amount_cents, valid_from=valid_from, valid_to=valid_to
    )
    session.add(voucher)
    session.flush()
    _note(session, actor, now, "grant_voucher", voucher)
    return voucher


def change_voucher(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    voucher_id: int,
    name: str,
    amount_cents: int,
    valid_from: date,
    valid_to: date | None,
) -> Voucher:
    """Correct an aid; never below what invoices have taken of it.

    Raises:
        Refusal: ``not_allowed``, ``voucher_wrong``; ``voucher_used`` (``used_cents``).
    """
    require_role(actor, *GRANTING)
    _check(amount_cents, valid_from, valid_to)
    voucher = session.get_one(Voucher, voucher_id, with_for_update=True, populate_existing=True)
    if amount_cents < voucher.used_cents:
        raise Refusal("voucher_used", used_cents=voucher.used_cents)
    voucher.name, voucher.amount_cents = name, amount_cents
    voucher.valid_from, voucher.valid_to = valid_from, valid_to
    _note(session, actor, now, "change_voucher", voucher)
    return voucher


def _check(amount_cents: int, valid_from: date, valid_to: date | None) -> None:
    if amount_cents <= 0 or (valid_to is not None and valid_to <= valid_from):
        raise Refusal("voucher_wrong")


def open_vouchers(session: Session, family_ids: Sequence[int], month: date) -> dict[int, list[Voucher]]:
    """Return the aids that a month may use, by family; those that end first come first."""
    found: dict[int, list[Voucher]] = defaultdict(list)
    rows = session.scalars(
        select(Voucher)
        .where(
            Voucher.family_id.in_(family_ids),
            Voucher.used_cents < Voucher.amount_cents,
            Voucher.valid_from < next_month(month),
            Voucher.valid_to.is_(None) | (Voucher.valid_to > month),
        )
        .order_by(Voucher.valid_to.is_(None), Voucher.valid_to, Voucher.id)
    )
    for row in rows:
        found[row.family_id].append(row)
    return found


def use_vouchers(vouchers: Iterable[Voucher], due_cents: int) -> list[VoucherUse]:
    """Return what is taken of each aid for an invoice of so much; nothing is written."""
    uses = []
    for voucher in vouchers:
        left = voucher.amount_cents - voucher.used_cents
        taken = voucher_amount(due_cents, left)
        if taken:
            due_cents += taken
            uses.append(VoucherUse(voucher.id, voucher.name, voucher.amount_cents, taken, left + taken))
    return uses


def spend_vouchers(session: Session, amounts: Iterable[tuple[int, int]]) -> None:
    """Write down what invoices took of aids (or, negative, what corrections give back to them), in cents."""
    for voucher_id, cents in amounts:
        session.execute(
            update(Voucher)
            .where(Voucher.id == voucher_id)
            .values(used_cents=Voucher.used_cents + cents)
            .execution_options(synchronize_session="fetch")
        )


def _note(session: Session, actor: Actor, now: datetime, action: str, voucher: Voucher) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="voucher",
        subject_id=voucher.id,
        family_id=voucher.family_id,
        after={
            "name": voucher.name,
            "amount_cents": voucher.amount_cents,
            "valid_from": voucher.valid_from.isoformat(),
            "valid_to": voucher.valid_to.isoformat() if voucher.valid_to else None,
        },
    )
    session.flush()
