"""Money that moves for many families: a batch for the bank, its payments, what the bank returns, a hand-over."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain import clock
from domain.direct_debits.batches import batch_orders, send_batch, settle_batch
from domain.direct_debits.returns import BankReturn, import_returns
from domain.recovery.handovers import hand_over
from models.direct_debits import BatchState, DebitBatch
from views.debit_documents import keep_debit_file, tell_returned
from views.extensions import db
from views.handover_documents import keep_handover_files
from views.office_jobs.task import CASHIERS, Facts, JobType, Task
from views.words import plural

DEBITS_AT_ONCE, INVOICES_AT_ONCE, RETURNS_AT_ONCE = 40, 100, 25
# Payments and returns of one transaction: half a second or so.
STEP = 20


def _send(task: Task) -> Iterator[None]:
    """Close the batch, whose own state lets it be done once; then write its file, which takes longer and locks nothing."""
    session, batch_id = db.session(), task.facts["batch_id"]
    if not task.place:
        send_batch(session, actor=task.actor, now=clock.now(), batch_id=batch_id)
        task.place = 1
        yield
    keep_debit_file(session.get_one(DebitBatch, batch_id), batch_orders(session, batch_id))
    task.done = task.total


def _settle(task: Task) -> Iterator[None]:
    session, batch_id = db.session(), task.facts["batch_id"]
    batch = session.get_one(DebitBatch, batch_id)
    while True:
        payments = settle_batch(session, actor=task.actor, now=clock.now(), batch_id=batch_id, limit=STEP)
        task.place += len(payments)
        task.result["payments"] = task.done = task.place
        if batch.state is BatchState.SETTLED:
            return
        yield


def returns_facts(file: str, returns: Sequence[BankReturn]) -> Facts:
    """Return what the bank gives back, as a job keeps it."""
    rows = [asdict(one) | {"day": one.day.isoformat() if one.day else None} for one in returns]
    return {"file": file, "returns": rows}


def _note_returns(task: Task) -> Iterator[None]:
    """Note some returns and queue their families' e-mails, in one transaction."""
    rows = task.facts["returns"]
    task.result.setdefault("returned", [])
    task.result.setdefault("unused", [])
    while task.place < len(rows):
        some = [_bank_return(row) for row in rows[task.place : task.place + STEP]]
        report = import_returns(db.session(), actor=task.actor, now=clock.now(), returns=some)
        tell_returned(report.returned)
        task.result["returned"] += [
            [one.debit.end_to_end_id, one.debit.amount_cents, one.debit.reason_code, one.mandate_ended]
            for one in report.returned
        ]
        task.result["unused"] += [
            [one.end_to_end_id or one.message_id, one.amount_cents, why.value] for one, why in report.unused
        ]
        task.place += len(some)
        task.done = task.place
        if task.place < len(rows):
            yield


def _bank_return(row: Facts) -> BankReturn:
    return BankReturn(**{**row, "day": date.fromisoformat(row["day"]) if row["day"] else None})


def _hand_over(task: Task) -> Iterator[None]:
    batch = hand_over(db.session(), actor=task.actor, now=clock.now(), invoice_ids=task.facts["invoices"])
    keep_handover_files(batch)
    task.result |= {"batch_id": batch.id, "invoices": batch.invoice_count}
    task.done = task.total
    yield from ()


def _handed_over(_facts: Facts, result: Facts) -> str:
    words = plural(
        "%(num)d facture est transmise : remettez le fichier au comptable.",
        "%(num)d factures sont transmises : remettez le fichier au comptable.",
        result["invoices"],
    )
    return words % {"num": result["invoices"]}


def _returned(_facts: Facts, result: Facts) -> str:
    noted = plural("%(num)d rejet noté", "%(num)d rejets notés", len(result["returned"]))
    unused = plural("%(num)d sans effet", "%(num)d sans effet", len(result["unused"]))
    return f"{noted % {'num': len(result['returned'])}}, {unused % {'num': len(result['unused'])}}."


DEBIT_FILE = JobType(
    steps=_send,
    is_reading=True,
    is_counted=False,
    roles=CASHIERS,
    title=lambda facts: _("Fichier de la remise %(number)s", number=facts["number"]),
    unit=_l("Prélèvements écrits"),
    at_once=DEBITS_AT_ONCE,
    said=lambda _facts, _result: _(
        "Le fichier est prêt : téléchargez-le, puis déposez-le sur le site de la banque."
    ),
    href=lambda _subject, facts, _result: url_for("admin_debits.batch", batch_id=facts["batch_id"]),
)
DEBIT_PAYMENTS = replace(
    DEBIT_FILE,
    steps=_settle,
    is_reading=False,
    is_counted=True,
    title=lambda facts: _("Encaissement de la remise %(number)s", number=facts["number"]),
    unit=_l("Paiements enregistrés"),
    said=lambda _facts, result: _("%(count)s paiements sont enregistrés.", count=result["payments"]),
)
DEBIT_RETURNS = JobType(
    steps=_note_returns,
    takes_turns=True,
    roles=CASHIERS,
    title=lambda facts: _("Rejets de la banque : %(file)s", file=facts["file"]),
    unit=_l("Rejets lus"),
    at_once=RETURNS_AT_ONCE,
    said=_returned,
    href=lambda subject, _facts, _result: url_for("admin_debits.index", compte_rendu=subject),
)
HANDOVER = JobType(
    steps=_hand_over,
    is_counted=False,
    roles=CASHIERS,
    title=lambda facts: _(
        "Transmission de %(count)s factures au Trésor public", count=len(facts["invoices"])
    ),
    unit=_l("Factures transmises"),
    at_once=INVOICES_AT_ONCE,
    said=_handed_over,
    href=lambda _subject, _facts, result: url_for("admin_handovers.batch", batch_id=result["batch_id"]),
)
