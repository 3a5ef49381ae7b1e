"""Money that moves for many families in one transaction: a batch for the bank, its payments, a hand-over."""

from collections.abc import Iterator
from dataclasses import replace

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain import clock
from domain.direct_debits.batches import send_batch, settle_batch
from domain.recovery.handovers import hand_over
from models.direct_debits import DebitBatch
from views.debit_documents import keep_debit_file
from views.extensions import db
from views.handover_documents import keep_handover_files
from views.office_jobs.task import CASHIERS, Facts, JobType, Task
from views.words import plural

DEBITS_AT_ONCE, INVOICES_AT_ONCE = 40, 100


def _send(task: Task) -> Iterator[None]:
    session, batch_id = db.session(), task.facts["batch_id"]
    orders = send_batch(session, actor=task.actor, now=clock.now(), batch_id=batch_id)
    keep_debit_file(session.get_one(DebitBatch, batch_id), orders)
    task.done = task.total
    yield from ()


def _settle(task: Task) -> Iterator[None]:
    payments = settle_batch(db.session(), actor=task.actor, now=clock.now(), batch_id=task.facts["batch_id"])
    task.result["payments"], task.done = len(payments), task.total
    yield from ()


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


DEBIT_FILE = JobType(
    steps=_send,
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
    title=lambda facts: _("Encaissement de la remise %(number)s", number=facts["number"]),
    unit=_l("Paiements enregistrés"),
    said=lambda _facts, result: _("%(count)s paiements sont enregistrés.", count=result["payments"]),
)
HANDOVER = JobType(
    steps=_hand_over,
    roles=CASHIERS,
    title=lambda facts: _(
        "Transmission de %(count)s factures au Trésor public", count=len(facts["invoices"])
    ),
    unit=_l("Factures transmises"),
    at_once=INVOICES_AT_ONCE,
    said=_handed_over,
    href=lambda _subject, _facts, result: url_for("admin_handovers.batch", batch_id=result["batch_id"]),
)
