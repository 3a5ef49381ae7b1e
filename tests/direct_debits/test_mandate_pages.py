"""The mandate, as a family signs it on line, as the régie enters a paper one, and as both stop it."""

from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.direct_debits.mandates import Account, live_mandate, revoke_mandate, sign_mandate
from domain.errors import Refusal
from models.audit import AuditEntry
from models.direct_debits import MandateOrigin, SepaMandate
from models.messages import OutboxMail
from models.town import Town
from tests.direct_debits.test_direct_debit_rules import IBAN
from tests.payments.card import make_parent
from tests.support.households import ACTOR, Household, instant, make_family, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff
from tests.support.world import NOW, TODAY

PAGE = "/compte/prelevement"


@pytest.fixture
def house(app: Flask, store: Session) -> Household:
    made = make_household(store)
    store.commit()
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household, visitor: Visitor) -> Visitor:
    return visitor.sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))


@pytest.fixture
def regisseur(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


def text_of(data: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def test_a_parent_signs_reads_and_stops_a_mandate(alice: Visitor, store: Session) -> None:
    page = alice.get(PAGE)
    wrong = alice.submit(page, {"iban": "FR76 1234", "agrees": "y"}, action=PAGE, status=422)
    assert "vérifiez chaque chiffre" in wrong.text
    unsigned = alice.submit(page, {"iban": IBAN}, action=PAGE, status=422)
    assert "Cochez cette case" in unsigned.text

    signed = alice.submit(page, {"iban": "FR76 3000 4000 0312 3456 7890 143", "agrees": "y"}, action=PAGE)

    mandate = store.scalars(select(SepaMandate)).one()
    assert (mandate.iban, mandate.bic, mandate.origin) == (IBAN, "BNPAFRPP", MandateOrigin.ONLINE)
    assert "FR76 •••• 0143" in signed.text
    assert IBAN not in signed.text
    assert "FR76 •••• 0143" in alice.get("/compte").text
    paper = text_of(alice.client.get(f"{PAGE}/mandat.pdf").data)
    assert mandate.rum in paper
    assert "FR73ZZZ599999" in paper
    mail = store.scalars(select(OutboxMail).where(OutboxMail.kind == "mandate_signed")).one()
    assert (mail.recipient, IBAN in mail.text_body) == ("alice@courriel.example", False)

    alice.submit(alice.get(f"{PAGE}/arreter"), {}, action="/arreter")

    store.expire_all()
    assert store.get_one(SepaMandate, mandate.id).revoked_on is not None
    assert "Signer le mandat" in alice.get(PAGE).text
    assert store.scalars(select(OutboxMail.kind)).all() == ["mandate_signed", "mandate_ended"]


def test_a_town_without_creditor_identifier_offers_no_debit(
    alice: Visitor, regisseur: Visitor, store: Session, house: Household
) -> None:
    store.get_one(Town, 1).sepa_creditor_id = ""
    store.commit()

    assert "Prélèvement" not in alice.get("/compte").text
    alice.get(PAGE, status=404)
    assert "n’est pas ouvert" in regisseur.get(f"/admin/mandats/familles/{house.family.id}").text


def test_the_regie_enters_a_paper_mandate_and_stops_it(
    regisseur: Visitor, store: Session, house: Household
) -> None:
    path = f"/admin/mandats/familles/{house.family.id}"
    facts = {"holder": "Alice Martin", "iban": IBAN, "signed_on": "2099-01-01"}
    refused = regisseur.submit(regisseur.get(path), facts, action=path, status=422)
    assert "dans le futur" in refused.text

    entered = regisseur.submit(regisseur.get(path), facts | {"signed_on": "12/11/2026"}, action=path)

    mandate = store.scalars(select(SepaMandate)).one()
    assert mandate.origin is MandateOrigin.PAPER
    assert mandate.rum in entered.text
    assert mandate.rum in text_of(regisseur.client.get(f"/admin/mandats/{mandate.id}.pdf").data)
    assert mandate.rum in regisseur.get("/admin/sepamandate/").text

    stop = f"/admin/mandats/{mandate.id}/arreter"
    assert "pourquoi" in regisseur.submit(regisseur.get(stop), {}, action=stop, status=422).text
    stopped = regisseur.submit(regisseur.get(stop), {"reason": "Demande de la famille"}, action=stop)
    assert "Demande de la famille" in stopped.text
    twice = regisseur.submit(regisseur.get(stop), {"reason": "Encore"}, action=stop, status=422)
    assert "déjà arrêté" in twice.text


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER])
def test_only_the_regie_reads_accounts(app: Flask, store: Session, house: Household, role: Role) -> None:
    user = make_staff(store, f"{role.value}@mairie.example", role)
    store.commit()
    visitor = Visitor(app).sign_in(user)

    visitor.get(f"/admin/mandats/familles/{house.family.id}", status=403)
    visitor.get("/admin/sepamandate/", status=403)


def sign(session: Session, family_id: int, actor: Actor = ACTOR, **more: object) -> SepaMandate:
    account = Account("Alice Martin", IBAN)
    return sign_mandate(session, actor=actor, now=NOW, family_id=family_id, account=account, **more)  # type: ignore[arg-type]


def test_a_family_has_one_mandate_at_a_time(db: Session) -> None:
    house = make_household(db)
    first = sign(db, house.family.id)
    with pytest.raises(Refusal, match="mandate_exists"):
        sign(db, house.family.id)

    revoke_mandate(db, actor=ACTOR, now=NOW, mandate_id=first.id)
    second = sign(db, house.family.id)

    assert second.rum != first.rum
    db.add(
        SepaMandate(
            family_id=house.family.id,
            rum="X",
            origin=MandateOrigin.PAPER,
            holder="A",
            iban=IBAN,
            signed_on=TODAY,
        )
    )
    with pytest.raises(IntegrityError):
        db.flush()


def test_a_mandate_unused_for_three_years_makes_room_for_another(db: Session) -> None:
    house = make_household(db)
    old = sign(db, house.family.id, signed_on=TODAY.replace(year=2023))

    assert live_mandate(db, house.family.id, TODAY) is None
    new = sign(db, house.family.id)
    assert live_mandate(db, house.family.id, TODAY) == new
    assert old.revoked_on == TODAY


def test_a_parent_signs_for_no_other_family_and_the_trail_hides_the_account(db: Session) -> None:
    house = make_household(db)
    other = make_family(db, "Roux")
    parent = Actor(
        label="user:1", user_id=1, roles=frozenset({Role.PARENT}), family_ids=frozenset({house.family.id})
    )

    with pytest.raises(Refusal, match="not_your_family"):
        sign(db, other.id, parent)
    with pytest.raises(Refusal, match="not_allowed"):
        sign(db, house.family.id, parent, signed_on=TODAY)
    with pytest.raises(Refusal, match="not_your_family"):
        revoke_mandate(db, actor=parent, now=instant(TODAY), mandate_id=sign(db, other.id).id)
    sign(db, house.family.id, parent)
    trail = db.scalars(select(AuditEntry).where(AuditEntry.action == "sign_mandate")).all()
    assert all(IBAN not in str(entry.after) for entry in trail)
