"""Reminders: which families are to be written to today, and the one operation that does it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.family.rules import written_family_code
from domain.invoicing.addressees import Addressee, addressees
from domain.invoicing.queries import PAYABLE_STATES
from domain.invoicing.rules import Action, State, next_state
from domain.money import format_euros
from domain.numbering import take_numbers
from domain.recovery.overdue import Overdue, overdue_invoices, town_levels
from domain.recovery.rules import written
from models.family import Family, Guardian
from models.invoices import Delivery, Invoice, InvoiceState
from models.recovery import (
    PaperRule,
    RecoveryPause,
    Reminder,
    ReminderInvoice,
    ReminderLevel,
    ReminderRun,
)
from models.town import Town

SERIES = "L"
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class FamilyDue:
    """A family to be written to: one letter, of the highest level that its invoices call for."""

    family_id: int
    name: str
    code: str | None
    level: ReminderLevel
    invoices: tuple[Overdue, ...]
    by_email: bool
    delivery: Delivery

    @property
    def total_cents(self) -> int:
        """What the letter asks for."""
        return sum(one.due_cents for one in self.invoices)


@dataclass(frozen=True, slots=True)
class DueToday:
    """What a run of today would send, and the invoices that it would leave out, each with its reason."""

    families: tuple[FamilyDue, ...]
    left_out: tuple[Overdue, ...]

    @property
    def total_cents(self) -> int:
        """What all the letters ask for."""
        return sum(one.total_cents for one in self.families)


def due_today(session: Session, *, now: datetime, family_ids: Collection[int] | None = None) -> DueToday:
    """Return the families to be reminded today, by name."""
    called = [
        one for one in overdue_invoices(session, now=now, family_ids=family_ids) if one.level is not None
    ]
    groups: dict[int, list[Overdue]] = {}
    for one in called:
        if one.hold is None:
            groups.setdefault(one.family_id, []).append(one)
    levels = {one.level: one for one in town_levels(session)} if groups else {}
    reached = _with_email(session, groups)
    paper = _on_paper(session, groups)
    families = tuple(
        _family(levels[max(one.level or 0 for one in found)], found, family_id in reached, family_id in paper)
        for family_id, found in groups.items()
    )
    return DueToday(families, tuple(one for one in called if one.hold is not None))


def _family(level: ReminderLevel, found: Sequence[Overdue], has_email: bool, is_paper: bool) -> FamilyDue:
    by_email = level.by_email and has_email
    on_paper = (
        not by_email
        or level.paper is PaperRule.EVERYBODY
        or (level.paper is PaperRule.PAPER_FAMILIES and is_paper)
    )
    return FamilyDue(
        family_id=found[0].family_id,
        name=found[0].family_name,
        code=found[0].family_code,
        level=level,
        invoices=tuple(found),
        by_email=by_email,
        delivery=Delivery.PAPER if on_paper else Delivery.ELECTRONIC,
    )


def _with_email(session: Session, family_ids: Iterable[int]) -> set[int]:
    mine = Guardian.family_id.in_(list(family_ids))
    return set(session.scalars(select(Guardian.family_id).where(mine, Guardian.email != "")))


def _on_paper(session: Session, family_ids: Iterable[int]) -> set[int]:
    mine = Family.id.in_(list(family_ids))
    return set(session.scalars(select(Family.id).where(mine, Family.wants_e_invoice.is_(False))))


def send_reminders(
    session: Session, *, actor: Actor, now: datetime, family_ids: Collection[int]
) -> list[Reminder]:
    """Write to these families, as far as they are still due: one letter each; the caller queues the e-mails.

    The invoices are locked first, so that what is paid at the same moment is not reminded, and two agents who
    confirm at once write once.

    Args:
        family_ids: those that the agent has seen.

    Raises:
        Refusal: ``not_allowed``, ``nothing_to_remind``, ``reminders_just_sent``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    invoices = _locked(session, family_ids)
    due = due_today(session, now=now, family_ids=family_ids)
    if not due.families:
        raise Refusal("nothing_to_remind")
    today = local_day(now)
    try:
        with session.begin_nested():
            made = _write(session, today, due)
    except IntegrityError as error:
        raise Refusal("reminders_just_sent") from error
    for reminder, family in zip(made, due.families, strict=True):
        for one in family.invoices:
            invoice = invoices[one.id]
            invoice.state = InvoiceState(next_state(State(invoice.state.value), Action.REMIND).value)
            invoice.reminded_at = now
        _audit(session, actor, now, "send_reminder", "reminder", reminder.id, family.family_id, {
            "number": reminder.number,
            "level": reminder.level,
            "total_cents": reminder.total_cents,
            "invoices": [one.number for one in family.invoices],
        })  # fmt: skip
    _audit(session, actor, now, "run_reminders", "reminder_run", made[0].run_id, None, {
        "reminders": len(made),
        "total_cents": due.total_cents,
        "left_out": {one.number: one.hold.value for one in due.left_out if one.hold},
    })  # fmt: skip
    return made


def _locked(session: Session, family_ids: Collection[int]) -> dict[int, Invoice]:
    rows = session.scalars(
        select(Invoice)
        .where(Invoice.family_id.in_(family_ids), Invoice.state.in_(PAYABLE_STATES))
        .order_by(Invoice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _write(session: Session, today: date, due: DueToday) -> list[Reminder]:
    """Write the run, its letters, and what each of them lists."""
    run = ReminderRun(sent_on=today, reminder_count=len(due.families), total_cents=due.total_cents)
    session.add(run)
    session.flush()
    people = addressees(session, [family.family_id for family in due.families])
    town = session.scalars(select(Town)).one()
    first = take_numbers(session, SERIES, today.year, len(due.families))
    made = [
        _letter(run, f"{SERIES}{today.year}-{sequence:06d}", family, people[family.family_id], town.name)
        for sequence, family in enumerate(due.families, first)
    ]
    session.add_all(made)
    session.flush()
    session.add_all(
        ReminderInvoice(reminder_id=reminder.id, invoice_id=one.id, level=one.level, due_cents=one.due_cents)
        for reminder, family in zip(made, due.families, strict=True)
        for one in family.invoices
    )
    session.flush()
    return made


def _letter(run: ReminderRun, number: str, family: FamilyDue, to: Addressee, town: str) -> Reminder:
    values = {
        "famille": to.family.name,
        "total": format_euros(family.total_cents),
        "nombre": str(len(family.invoices)),
        "code_famille": written_family_code(to.code) if to.code else "",
        "commune": town,
    }
    return Reminder(
        number=number,
        run_id=run.id,
        family_id=family.family_id,
        level=family.level.level,
        sent_on=run.sent_on,
        title=family.level.title,
        body=written(family.level.body, values),
        payer_name=to.name,
        payer_address=to.address,
        family_code=to.code,
        total_cents=family.total_cents,
        by_email=family.by_email,
        delivery=family.delivery,
    )


def pause_recovery(
    session: Session, *, actor: Actor, now: datetime, family_id: int, reason: str, until_on: date
) -> RecoveryPause:
    """Leave a family alone until a day, that one included: a payment arrangement, a matter to look into.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``pause_already_over``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not reason.strip():
        raise Refusal("reason_missing")
    if until_on < local_day(now):
        raise Refusal("pause_already_over")
    _lift(session, actor, now, family_id)
    pause = RecoveryPause(family_id=family_id, reason=reason.strip()[:REASON_LENGTH], until_on=until_on)
    session.add(pause)
    session.flush()
    facts = {"reason": pause.reason, "until_on": until_on.isoformat()}
    _audit(session, actor, now, "pause_recovery", "recovery_pause", pause.id, family_id, facts)
    return pause


def resume_recovery(session: Session, *, actor: Actor, now: datetime, family_id: int) -> None:
    """Go on with a family that staff left alone; nothing changes when they did not.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if _lift(session, actor, now, family_id):
        _audit(session, actor, now, "resume_recovery", "family", family_id, family_id, {})


def _lift(session: Session, actor: Actor, now: datetime, family_id: int) -> int:
    lifted = session.execute(
        update(RecoveryPause)
        .where(
            RecoveryPause.family_id == family_id,
            RecoveryPause.lifted_at.is_(None),
            RecoveryPause.until_on >= local_day(now),
        )
        .values(lifted_at=now, updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    return int(lifted.rowcount)  # type: ignore[attr-defined]


def _audit(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    subject_kind: str,
    subject_id: int,
    family_id: int | None,
    after: Mapping[str, object],
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        family_id=family_id,
        after=dict(after),
    )
    session.flush()


def family_reminders(session: Session, family_id: int) -> list[Reminder]:
    """Return the letters that a family was sent, the newest first."""
    return list(
        session.scalars(select(Reminder).where(Reminder.family_id == family_id).order_by(Reminder.id.desc()))
    )


def invoice_reminders(session: Session, invoice_id: int) -> list[Reminder]:
    """Return the letters that list an invoice, the newest first."""
    return list(
        session.scalars(
            select(Reminder)
            .join(ReminderInvoice, ReminderInvoice.reminder_id == Reminder.id)
            .where(ReminderInvoice.invoice_id == invoice_id)
            .order_by(Reminder.id.desc())
        )
    )


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """An invoice of a letter, as it stood that day."""

    number: str
    month: date | None
    due_on: date | None
    level: int
    due_cents: int


def reminder_rows(session: Session, reminder_ids: Iterable[int]) -> dict[int, list[ReminderRow]]:
    """Return what each letter lists, the oldest debt first; one query."""
    found: dict[int, list[ReminderRow]] = {}
    rows = session.execute(
        select(
            ReminderInvoice.reminder_id,
            Invoice.number,
            Invoice.month,
            Invoice.due_on,
            ReminderInvoice.level,
            ReminderInvoice.due_cents,
        )
        .join(Invoice, Invoice.id == ReminderInvoice.invoice_id)
        .where(ReminderInvoice.reminder_id.in_(list(reminder_ids)))
        .order_by(Invoice.due_on, Invoice.id)
    )
    for reminder_id, number, month, due_on, level, cents in rows:
        found.setdefault(reminder_id, []).append(ReminderRow(number, month, due_on, level, cents))
    return found


def recent_runs(session: Session, limit: int = 12) -> list[ReminderRun]:
    """Return the latest runs, the newest first."""
    return list(session.scalars(select(ReminderRun).order_by(ReminderRun.id.desc()).limit(limit)))


def run_reminders(session: Session, run_id: int) -> list[tuple[Reminder, str, int]]:
    """Return the letters of a run with their family's name, and what is still due of each."""
    left = func.sum(Invoice.total_cents - Invoice.paid_cents)
    rows = session.execute(
        select(Reminder, Family.name, left)
        .join(Family, Family.id == Reminder.family_id)
        .join(ReminderInvoice, ReminderInvoice.reminder_id == Reminder.id)
        .join(Invoice, Invoice.id == ReminderInvoice.invoice_id)
        .where(Reminder.run_id == run_id)
        .group_by(Reminder.id, Family.name)
        .order_by(Family.name, Reminder.id)
    )
    return [(reminder, name, int(cents or 0)) for reminder, name, cents in rows]
