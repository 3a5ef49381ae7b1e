"""Saint-Préau's unpaid invoices: families reminded once, twice, for the last time, and one debt at the Trésor public."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from sqlalchemy import func, select

from demo.families import Builder
from domain.dates import at_minutes
from domain.recovery.handovers import candidates, hand_over
from domain.recovery.reminders import due_today, pause_recovery, send_reminders
from models.invoices import Invoice, InvoiceKind
from models.recovery import ReminderLevel
from models.town import Town
from views.handover_documents import keep_handover_files

# How many of the families due each level reaches, and at most; the others are left for the régisseur.
REACHED = {1: (Decimal("0.75"), 24), 2: (Decimal("0.67"), 12), 3: (Decimal("0.5"), 6)}
# Until lately the town was quicker to remind than its levels now say.
QUICK_DAYS = {1: 3, 2: 7, 3: 11}
QUICK_HANDOVER_DAYS = 3
MORNING = 9 * 60


def recover_debts(builder: Builder, today: date) -> None:
    """Remind of the first month, level by level, as far as the days gone by allow."""
    due_on = builder.session.scalar(
        select(func.min(Invoice.due_on)).where(
            Invoice.kind == InvoiceKind.INVOICE, Invoice.paid_cents < Invoice.total_cents
        )
    )
    if due_on is None:  # in a very small town everybody may have paid
        return
    levels = builder.session.scalars(select(ReminderLevel).order_by(ReminderLevel.level)).all()
    usual = {one.level: one.after_days for one in levels}
    _set_days(builder, levels, QUICK_DAYS)
    for level in levels:
        _remind(builder, level.level, due_on + timedelta(days=level.after_days), today)
    _hand_over_one(builder, due_on + timedelta(days=QUICK_DAYS[3] + QUICK_HANDOVER_DAYS), today)
    _set_days(builder, list(reversed(levels)), usual)
    _leave_one_alone(builder, today)


def _set_days(builder: Builder, levels: Sequence[ReminderLevel], days: dict[int, int]) -> None:
    """Change the days of the levels, one by one: two levels never share theirs."""
    for level in levels:
        level.after_days = days[level.level]
        builder.session.flush()


def _remind(builder: Builder, level: int, day: date, today: date) -> None:
    """Write to some families; of those that sign in, one was forgotten so far."""
    if day >= today:
        return
    now = at_minutes(day, MORNING)
    due = due_today(builder.session, now=now).families
    unseen = builder.forgetful[:1]
    mine = [one.family_id for one in due if one.level.level == level and one.family_id not in unseen]
    known = [one for one in mine if one in builder.forgetful and level == 1]
    others = [one for one in mine if one not in builder.persona_families]
    share, most = REACHED[level]
    chosen = [*known, *others[: min(most, ceil(len(others) * share))]]
    if chosen:
        send_reminders(builder.session, actor=builder.actor, now=now, family_ids=chosen)


def _hand_over_one(builder: Builder, day: date, today: date) -> None:
    session, town = builder.session, builder.session.get_one(Town, 1)
    if day >= today:
        return
    now = at_minutes(day, MORNING)
    usual, town.handover_after_days = town.handover_after_days, QUICK_HANDOVER_DAYS
    session.flush()
    ready = candidates(session, now=now).ready[:1]
    if ready:
        batch = hand_over(session, actor=builder.actor, now=now, invoice_ids=[one.id for one in ready])
        keep_handover_files(batch)
    town.handover_after_days = usual


def _leave_one_alone(builder: Builder, today: date) -> None:
    """Let one family pay by instalments."""
    now = at_minutes(today, MORNING)
    families = [
        one
        for one in due_today(builder.session, now=now).families
        if one.family_id not in builder.persona_families
    ]
    if len(families) > 1:
        pause_recovery(
            builder.session,
            actor=builder.actor,
            now=now,
            family_id=families[-1].family_id,
            reason="Échéancier accordé : trois versements",
            until_on=today + timedelta(days=60),
        )
