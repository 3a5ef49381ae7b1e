"""The file of direct debits that the bank takes: pain.008, written and checked against its schema by ``sepaxml``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sepaxml import SepaDD

from domain.direct_debits.batches import DebitOrder
from gateways.payments.xml_fields import NOT_TOLD, plain

# The version that the French banks ask for since November 2025 (ISO 20022, 2019).
SCHEMA = "pain.008.001.08"
XML = "application/xml"
NAME_LENGTH, WORDS_LENGTH = 70, 140


@dataclass(frozen=True, slots=True)
class Creditor:
    """The town, as the bank knows it."""

    name: str
    creditor_id: str
    iban: str
    bic: str


@dataclass(frozen=True, slots=True)
class DebitFile:
    """The file, and the name that it gives itself: the bank's answers say it."""

    message_id: str
    data: bytes


def write_debits(creditor: Creditor, collection_on: date, orders: Sequence[DebitOrder]) -> DebitFile:
    """Return the file of some debits of one day.

    Every debit is "recurrent": since November 2016 a mandate's first one need not be told apart (EPC016-06, 4.1).

    Raises:
        sepaxml.validation.ValidationError: the file would not be valid against its schema.
    """
    config = {
        "name": sepa_text(creditor.name, NAME_LENGTH),
        "IBAN": creditor.iban,
        "batch": True,
        "creditor_id": creditor.creditor_id,
        "currency": "EUR",
    }
    if creditor.bic:
        config["BIC"] = creditor.bic
    document = SepaDD(config, schema=SCHEMA, clean=True)
    for order in orders:
        document.add_payment(_payment(creditor, collection_on, order))
    return DebitFile(document.msg_id, document.export(validate=True))


def _payment(creditor: Creditor, collection_on: date, order: DebitOrder) -> dict[str, object]:
    words = f"{creditor.name} facture {order.invoice_number}"
    payment: dict[str, object] = {
        "name": sepa_text(order.holder, NAME_LENGTH),
        "IBAN": order.iban,
        "amount": order.amount_cents,
        "type": "RCUR",
        "collection_date": collection_on,
        "mandate_id": order.rum,
        "mandate_date": order.signed_on,
        "description": sepa_text(words, WORDS_LENGTH),
        "endtoend_id": order.end_to_end_id,
    }
    return payment | {"BIC": order.bic} if order.bic else payment


def sepa_text(text: str, length: int) -> str:
    """Write a text in the letters that every bank of the zone takes (EPC217-08); never empty."""
    return plain(text, length).replace("&", "+") or NOT_TOLD
