"""What the search box finds, on both databases, and that it knows each change with the change itself."""

from datetime import date

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.family.operations import add_child, add_guardian, create_family, update_child, update_guardian
from domain.merging.operations import Merged, merge, preview_merge
from domain.search.found import Found, Kind
from domain.search.index import reindex, unfindable_count
from domain.search.queries import FEW, SHOWN, find
from models.base import stamp_session
from models.direct_debits import MandateOrigin, SepaMandate
from models.family import Child, Family, FamilyState, Guardian
from models.invoices import Delivery, Invoice
from models.payments import Payment, PaymentMeans, PaymentTry
from models.search import ChildWord, FamilyWord, GuardianWord, WordVariant
from models.town import Town
from tests.support.households import ACTOR, AUGUST
from tests.support.queries import recorded_statements

TODAY = date(2026, 11, 28)
AGENT = Actor("user:9", user_id=9, roles=frozenset({Role.SCHOOL_AGENT}))


@pytest.fixture
def town(db: Session) -> Session:
    """Two families, with what people misspell."""
    stamp_session(db, ACTOR.label, AUGUST)
    db.add(Town(id=1, name="Saint-Préau", insee_code="45999", postcode="45110"))
    db.flush()
    hernandez = open_file(db, "Hernandez", "Olivie", phone="06 12 34 56 78", email="olivie@exemple.fr")
    pupil(db, hernandez, "Hernandez", "Jérémy", date(2019, 3, 2))
    benali = open_file(db, "Benali", "Naïma", former_code="AB-10079")
    pupil(db, benali, "Ben Ali", "Zoé", date(2020, 6, 2))
    db.commit()
    return db


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


@pytest.mark.parametrize(
    "text", ["jérémy hernandez", "JEREMY", "hernandez jer", "Jeremi", "Hernandes jeremy", "hrenandez jeremy"]
)
def test_a_child_is_found_without_accents_in_any_order_begun_or_misspelt(town: Session, text: str) -> None:
    assert names(look(town, text))["child"] == ["Jérémy Hernandez"]


@pytest.mark.parametrize("text", ["Hernandes", "hernandez", "jeremy", "olivie hern"])
def test_a_family_is_found_by_the_names_of_all_its_people(town: Session, text: str) -> None:
    found = look(town, text, Kind.FAMILY)

    (hit,) = found.hits[Kind.FAMILY]
    assert (hit.name, hit.people, hit.state) == ("Hernandez", ("Jérémy",), FamilyState.VALIDATED.value)
    assert hit.address == "14 Rue des Écoles, 45110 Saint-Préau"
    assert (Kind.FAMILY in found.near) == (text == "Hernandes")


@pytest.mark.parametrize("text", ["ben ali", "benali", "Ben-Ali"])
def test_a_name_in_two_words_and_in_one_are_the_same(town: Session, text: str) -> None:
    found = names(look(town, text))

    assert found["family"] == ["Benali"]
    assert found["child"] == ["Zoé Ben Ali"]


def test_a_family_is_found_by_its_codes(town: Session) -> None:
    code = town.scalars(select(Family.code).where(Family.name == "Benali")).one() or ""
    wrong = code[:3] + ("5" if code[3] != "5" else "6") + code[4:]

    for text in (code, f"{code[:4]} {code[4:]}", code[:7], "AB-10079", "ab10079", "10079"):
        assert names(look(town, text, Kind.FAMILY)) == {"family": ["Benali"]}, text
    mistyped = look(town, wrong, Kind.FAMILY)
    assert "Benali" in names(mistyped)["family"]
    assert Kind.FAMILY in mistyped.near


@pytest.mark.parametrize(
    "text", ["06 12 34 56 78", "+33612345678", "0612 34", "olivie@exemple.fr", "OLIVIE@exemple.fr"]
)
def test_an_adult_is_found_by_telephone_and_address_in_any_writing(town: Session, text: str) -> None:
    assert names(look(town, text)) == {"guardian": ["Olivie Hernandez"]}


def test_a_child_is_found_by_its_day_of_birth(town: Session) -> None:
    assert names(look(town, "02/03/2019")) == {"child": ["Jérémy Hernandez"]}
    assert names(look(town, "jérémy 2/3/2019")) == {"child": ["Jérémy Hernandez"]}
    assert names(look(town, "zoe 02/03/2019")) == {}
    assert names(look(town, "02/03/2019", Kind.FAMILY)) == {}


def test_only_the_kinds_asked_for_are_found(town: Session) -> None:
    assert set(names(look(town, "hernandez", Kind.CHILD))) == {"child"}
    assert names(look(town, "hernandez", Kind.INVOICE)) == {}
    assert names(look(town, "   ")) == {}


def test_many_of_a_name_are_cut_short_and_said_to_be_more(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    for number in range(SHOWN + 1):
        pupil(town, family, "Nguyen", f"Minh {number}", date(2020, 1, 1))
    town.commit()

    found = look(town, "nguyen", Kind.CHILD)

    assert len(found.hits[Kind.CHILD]) == SHOWN > FEW
    assert found.more == {Kind.CHILD}


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


# --- the index follows every change, in the same transaction


def test_a_changed_name_is_found_and_the_former_one_no_more(town: Session) -> None:
    child = town.scalars(select(Child).where(Child.given_name == "Zoé")).one()

    update_child(town, actor=ACTOR, now=AUGUST, child_id=child.id, given_name="Clémence")
    town.commit()

    assert names(look(town, "clemence"))["family"] == ["Benali"]
    assert names(look(town, "zoé")) == {}


def test_an_act_that_is_undone_leaves_nothing_to_be_found(town: Session) -> None:
    guardian = town.scalars(select(Guardian).where(Guardian.given_name == "Olivie")).one()

    update_guardian(town, actor=ACTOR, now=AUGUST, guardian_id=guardian.id, given_name="Capucine")
    town.rollback()
    town.commit()

    assert names(look(town, "capucine")) == {}
    assert names(look(town, "olivie"))["guardian"] == ["Olivie Hernandez"]


def test_words_of_rows_that_go_go_with_them(town: Session) -> None:
    child = town.scalars(select(Child).where(Child.given_name == "Jérémy")).one()

    town.execute(delete(Child).where(Child.id == child.id))
    town.commit()

    assert town.scalar(select(func.count()).select_from(ChildWord).where(ChildWord.word == "jeremy")) == 0


def test_the_variants_of_a_word_that_nothing_bears_are_forgotten(town: Session) -> None:
    child = town.scalars(select(Child).where(Child.given_name == "Jérémy")).one()

    update_child(town, actor=ACTOR, now=AUGUST, child_id=child.id, given_name="Tom")
    town.commit()

    assert town.scalar(select(func.count()).select_from(WordVariant).where(WordVariant.word == "jeremy")) == 0


def test_merged_files_are_found_as_one_and_a_preview_changes_nothing(town: Session) -> None:
    kept = town.scalars(select(Family).where(Family.name == "Benali")).one()
    lost = open_file(town, "Benalli", "Naïma")
    pupil(town, lost, "Benalli", "Solal", date(2021, 5, 5))
    town.commit()
    asked = {"actor": AGENT, "now": AUGUST, "kept_id": kept.id, "lost_id": lost.id, "kind": Merged.FAMILY}

    preview_merge(town, **asked)
    town.commit()
    before = names(look(town, "solal"))["family"]
    merge(town, **asked)
    town.commit()

    assert before == ["Benalli"]
    assert names(look(town, "solal"))["family"] == ["Benali"]


def test_what_was_written_past_the_portal_is_counted_and_found_after_a_reindex(town: Session) -> None:
    for model in (FamilyWord, GuardianWord, ChildWord):
        town.execute(delete(model))
    town.execute(update(Child).where(Child.given_name == "Zoé").values(given_name="Lison"))
    town.commit()
    lost = unfindable_count(town)

    count = reindex(town)
    town.commit()

    assert (lost, count, unfindable_count(town)) == (6, 6, 0)
    assert names(look(town, "lison"))["child"] == ["Lison Ben Ali"]


def test_a_search_costs_a_fixed_number_of_statements(town: Session) -> None:
    with recorded_statements() as few:
        look(town, "hernandes")
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    for number in range(20):
        pupil(town, family, "Hernandez", f"Enfant {number}", date(2020, 1, 1))
    town.commit()

    with recorded_statements() as many:
        look(town, "hernandes")

    assert len(many) <= len(few) <= 12
