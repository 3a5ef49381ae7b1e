"""Two families with what people misspell, and what is found among them."""

from datetime import date

from sqlalchemy.orm import Session

from domain.family.operations import add_child, add_guardian, create_family
from domain.search.found import Found, Kind
from domain.search.queries import find
from models.direct_debits import MandateOrigin, SepaMandate
from models.family import Child, Family
from models.invoices import Delivery, Invoice
from models.payments import Payment, PaymentMeans, PaymentTry
from tests.support.households import ACTOR, AUGUST

TODAY = date(2026, 11, 28)


def open_file(db: Session, name: str, given: str, former_code: str | None = None, **contact: str) -> Family:
    family = create_family(
        db,
        actor=ACTOR,
        now=AUGUST,
        name=name,
        line1="14 Rue des Écoles",
        postcode="45110",
        city="Saint-Préau",
        former_code=former_code,
    )
    add_guardian(
        db, actor=ACTOR, now=AUGUST, family_id=family.id, family_name=name, given_name=given, **contact
    )
    return family


def pupil(db: Session, family: Family, name: str, given: str, born_on: date) -> Child:
    return add_child(
        db,
        actor=ACTOR,
        now=AUGUST,
        family_id=family.id,
        family_name=name,
        given_name=given,
        born_on=born_on,
    )


def look(db: Session, text: str, *kinds: Kind) -> Found:
    return find(db, text, kinds=kinds or Kind, today=TODAY)


def names(found: Found) -> dict[str, list[str]]:
    return {kind.value: [hit.name for hit in hits] for kind, hits in found.hits.items()}


def bill(db: Session, family: Family) -> None:
    db.add(
        Invoice(
            number="F2026-000123",
            series="F",
            fiscal_year=2026,
            sequence=123,
            family_id=family.id,
            payer_name="Naïma Benali",
            payer_address="14 Rue des Écoles",
            family_code=family.code or "",
            issued_at=AUGUST,
            total_cents=14_180,
            delivery=Delivery.PAPER,
        )
    )
    db.add(
        Payment(
            number="P2026-000007",
            family_id=family.id,
            means=PaymentMeans.CHEQUE,
            amount_cents=5_000,
            received_at=AUGUST,
            bank_reference="CHQ 4455",
        )
    )
    db.add(PaymentTry(reference="SP-TRY-1", family_id=family.id, amount_cents=5_000, opened_at=AUGUST))
    db.add(
        SepaMandate(
            rum="45999-2026-000001",
            family_id=family.id,
            origin=MandateOrigin.PAPER,
            holder="Naïma Benali",
            iban="FR7630006000011234567890189",
            bic="AGRIFRPP",
            signed_on=TODAY,
        )
    )
    db.commit()
