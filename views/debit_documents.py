"""Direct debits told: the file for the bank, the families' e-mails, the bank's reasons in words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.direct_debits.batches import DebitOrder
from domain.direct_debits.queries import DebitRow, batch_debits
from domain.direct_debits.returns import Returned
from domain.direct_debits.rules import Left, masked_iban
from gateways.payments.sepa import XML, Creditor, write_debits
from models.direct_debits import DebitBatch
from models.town import Town
from views.extensions import db
from views.invoice_documents import keep_file
from views.mailing import Letter, absolute, recipients_of, send_mails

# The bank's reasons (ISO 20022 external codes) as families and the régie read them; ours follow.
REASONS = {
    "AC01": _l("le numéro de compte n’est pas juste"),
    "AC04": _l("le compte est clos"),
    "AC06": _l("le compte est bloqué"),
    "AC13": _l("le compte n’est pas celui d’un particulier"),
    "AG01": _l("ce compte n’accepte pas les prélèvements"),
    "AG02": _l("l’opération n’est pas permise"),
    "AM04": _l("la provision du compte est insuffisante"),
    "AM05": _l("le prélèvement a été présenté deux fois"),
    "BE05": _l("le créancier n’est pas reconnu"),
    "CNOR": _l("la banque du créancier n’est pas reconnue"),
    "DNOR": _l("la banque du débiteur n’est pas reconnue"),
    "FF01": _l("le fichier n’est pas conforme"),
    "MD01": _l("la banque ne connaît pas de mandat"),
    "MD02": _l("des données du mandat manquent"),
    "MD06": _l("le titulaire a demandé le remboursement"),
    "MD07": _l("le titulaire du compte est décédé"),
    "MS02": _l("le titulaire l’a refusé"),
    "MS03": _l("la banque ne donne pas le motif"),
    "RC01": _l("le BIC n’est pas juste"),
    "RR01": _l("des informations réglementaires manquent"),
    "RR04": _l("pour une raison réglementaire"),
    "SL01": _l("le titulaire a limité les prélèvements de son compte"),
    Left.NOTHING_DUE.value: _l("plus rien n’était dû"),
    Left.NO_MANDATE.value: _l("le mandat est arrêté"),
    Left.BY_STAFF.value: _l("retiré par le service"),
}
# What staff may choose when the bank tells by letter or telephone.
TOLD_BY_HAND = ("AM04", "AC04", "AC01", "AC06", "MD01", "MD06", "MD07", "MS02", "MS03")


def reason_words(code: str) -> str:
    """Return a reason in words; one that we do not know by its code."""
    return str(REASONS[code]) if code in REASONS else _("motif %(code)s", code=code)


def keep_debit_file(batch: DebitBatch, orders: Sequence[DebitOrder]) -> None:
    """Write the bank's file of a batch, keep it, and note what it calls itself. The caller commits."""
    town = db.session.get_one(Town, 1)
    creditor = Creditor(town.name, town.sepa_creditor_id, town.sepa_iban, town.sepa_bic)
    written = write_debits(creditor, batch.collection_on, orders)
    batch.message_id = written.message_id
    batch.file_id = keep_file(written.data, f"prelevements-{batch.number}.xml", XML).id


def tell_announced(batch: DebitBatch, family_ids: Iterable[int] | None = None) -> int:
    """Tell these families of a batch, or all, what will be taken and when; return how many e-mails leave."""
    by_family: dict[int, list[DebitRow]] = defaultdict(list)
    told = None if family_ids is None else set(family_ids)
    for row in batch_debits(db.session(), batch_id=batch.id):
        if told is None or row.family_id in told:
            by_family[row.family_id].append(row)
    creditor_id = db.session.get_one(Town, 1).sepa_creditor_id
    letters = [
        Letter(
            recipient=recipient,
            family_id=family_id,
            once_key=f"debit_announced:{batch.id}:{recipient}",
            facts={
                "collection_on": batch.collection_on,
                "total_cents": sum(row.amount_cents for row in by_family[family_id]),
                "account": masked_iban(by_family[family_id][0].iban),
                "rum": by_family[family_id][0].rum,
                "creditor_id": creditor_id,
                "invoices": [(row.invoice_number, row.amount_cents) for row in by_family[family_id]],
                "account_url": absolute("parent.direct_debit"),
            },
        )
        for family_id, recipients in recipients_of(by_family).items()
        for recipient in recipients
    ]
    return send_mails("debit_announced", letters)


def told_by_letter(debits: Iterable[DebitRow]) -> list[str]:
    """Return the names of the families that have no e-mail address: somebody has to write to them."""
    names = {row.family_id: row.family_name for row in debits}
    reached = recipients_of(names)
    return sorted(name for family_id, name in names.items() if family_id not in reached)


def tell_withdrawn(batch: DebitBatch, debit_ids: Iterable[int]) -> None:
    """Tell families that a debit they were told of will not take place."""
    _tell_debits("debit_withdrawn", debit_ids, {"collection_on": batch.collection_on})


def tell_returned(returned: Iterable[Returned]) -> None:
    """Tell families that their bank returned a debit, why, and what to do."""
    ended = {one.debit.id: one.mandate_ended for one in returned}
    for is_ended in (False, True):
        ids = [debit_id for debit_id, value in ended.items() if value is is_ended]
        _tell_debits("debit_returned", ids, {"mandate_ended": is_ended})


def _tell_debits(kind: str, debit_ids: Iterable[int], facts: dict[str, object]) -> None:
    rows = batch_debits(db.session(), debit_ids=debit_ids)
    addresses = recipients_of({row.family_id for row in rows})
    letters = [
        Letter(
            recipient=recipient,
            family_id=row.family_id,
            once_key=f"{kind}:{row.id}:{recipient}",
            facts=facts
            | {
                "number": row.invoice_number,
                "amount_cents": row.amount_cents,
                "why": partial(reason_words, row.reason_code),
                "invoice_url": absolute("parent.invoice", invoice_id=row.invoice_id),
            },
        )
        for row in rows
        for recipient in addresses.get(row.family_id, ())
    ]
    send_mails(kind, letters)
