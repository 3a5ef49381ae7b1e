"""What the search box finds by a number or a reference, on both databases."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.search.found import Kind
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Family
from models.payments import Payment, PaymentMeans
from tests.search.files import bill, look, names
from tests.support.households import AUGUST


def test_money_is_found_by_its_numbers_whole_or_in_part(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    bill(town, family)

    for text in ("F2026-000123", "f2026-123", "2026-123", "123"):
        found = look(town, text, Kind.INVOICE)
        assert names(found) == {"invoice": ["F2026-000123"]}, text
        assert found.hits[Kind.INVOICE][0].families == ((family.id, "Benali", family.code),)
    assert names(look(town, "P2026-000007", Kind.PAYMENT)) == {"payment": ["P2026-000007"]}
    assert names(look(town, "chq 4455", Kind.PAYMENT)) == {"payment": ["P2026-000007"]}
    assert names(look(town, "SP-TRY-1", Kind.PAYMENT_TRY)) == {"payment_try": ["SP-TRY-1"]}
    assert names(look(town, "sp-try-1", Kind.PAYMENT_TRY)) == {"payment_try": ["SP-TRY-1"]}
    assert names(look(town, "45999-2026-000001")) == {"sepa_mandate": ["45999-2026-000001"]}


def test_a_document_is_found_with_its_state_its_amount_and_its_file_if_it_is_of_one(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    bill(town, family)
    town.add_all(
        Demarche(kind=DemarcheKind.OTHER, state=DemarcheState.SUBMITTED, number=number, family_id=of)
        for number, of in (("D2026-000123", family.id), ("D2025-000123", None))
    )
    town.commit()

    found = look(town, "123")

    assert names(found) == {"invoice": ["F2026-000123"], "demarche": ["D2025-000123", "D2026-000123"]}
    (invoice,), (loose, own) = found.hits.values()
    assert (invoice.state, invoice.amount_cents) == ("issued", 14_180)
    assert (own.state, own.amount_cents, own.families[0][1]) == ("submitted", None, "Benali")
    assert loose.families == ()


def test_the_newest_of_what_bears_a_reference_come_first(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    for number in range(1, 11):
        town.add(
            Payment(
                number=f"P2026-{number:06d}",
                family_id=family.id,
                means=PaymentMeans.TRANSFER,
                amount_cents=5_000,
                received_at=AUGUST,
                bank_reference="VIR 2026",
            )
        )
        town.flush()
    town.commit()

    found = look(town, "vir 2026", Kind.PAYMENT)

    assert names(found)["payment"] == [f"P2026-{number:06d}" for number in range(10, 2, -1)]
