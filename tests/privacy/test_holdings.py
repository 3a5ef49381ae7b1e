"""Everything held about a person is in the archive, and nothing of anybody else."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.custody.operations import attach_child, withdraw_guardian
from domain.errors import Refusal
from domain.family.operations import add_guardian
from domain.family.quotients import record_quotient
from domain.merging.rows import table_of
from domain.privacy.download import (
    ask_for_adult,
    ask_for_data,
    fetch_archive,
    forget_archives,
    held_files,
    keep_archive,
    own_requests,
    waiting_requests,
)
from domain.privacy.holdings import HOLDINGS, NEVER, WITHOUT, held_about
from domain.privacy.person import person_at_desk, person_of_account
from domain.privacy.requests import Right, answer_right, ask_right, own_rights
from models import Base
from models.accounts import User
from models.documents import DocumentState
from models.family import FamilyAddress, Guardian
from models.health import HealthSheet
from models.quotients import QuotientSource
from tests.privacy.old_town import Shelf, bill, give_paper, keep_file
from tests.support.households import ACTOR, AUGUST, Household, instant, make_family
from views.admin.words import LABELS
from views.held_data import is_shown
from views.privacy_words import COLUMNS, TABLES

TODAY = date(2026, 12, 6)
NOW = instant(TODAY)


def account_of(session: Session, guardian: Guardian, email: str) -> User:
    user = User(email=email, fs_uniquifier=email, confirmed_at=AUGUST, password="secret-hash")
    session.add(user)
    session.flush()
    guardian.user_id, guardian.email = user.id, email
    session.flush()
    return user


def adult_of(session: Session, family_id: int) -> Guardian:
    return session.scalars(select(Guardian).where(Guardian.family_id == family_id, Guardian.rank == 1)).one()


def parent(user: User, family_id: int) -> Actor:
    roles = frozenset({Role.PARENT})
    return Actor(f"user:{user.id}", user.id, roles, frozenset({family_id}))


@pytest.fixture
def alice(house: Household) -> User:
    return account_of(house.session, adult_of(house.session, house.family.id), "alice@foyer.example")


def test_every_table_is_exported_or_says_why_not() -> None:
    exported = {one.name for one in HOLDINGS}

    assert exported & set(WITHOUT) == set()
    assert set(Base.metadata.tables) - exported - set(WITHOUT) == set()
    assert (exported | set(WITHOUT)) - set(Base.metadata.tables) == set()


def test_a_table_without_personal_data_names_no_person() -> None:
    """A table that names a family, an adult, a child or an account is exported, but the few that say why not."""
    people = {"family", "guardian", "child", "user"}
    naming = {
        table.name
        for table in Base.metadata.sorted_tables
        # Words of the search box come from what is exported, and go with it.
        if not table.info.get("is_derived")
        and any(key.column.table.name in people for key in table.foreign_keys)
    }

    assert naming & set(WITHOUT) == {"invoice_run_family", "user_role", "staff_site"}


def test_every_column_of_the_readable_page_has_its_french_word() -> None:
    for holding in HOLDINGS:
        assert str(TABLES[holding.name])
        for column in table_of(holding.model).columns:
            if column.name not in NEVER | holding.hidden and is_shown(column.name):
                assert column.name in COLUMNS or column.name in LABELS


def test_secrets_are_never_exported(house: Household, alice: User) -> None:
    held = dict(held_about(house.session, person_of_account(house.session, alice.id, TODAY)))

    assert {key for rows in held.values() for row in rows for key in row} & NEVER == set()
    assert "secret-hash" not in str(held)


def test_a_person_gets_the_whole_file(house: Household, alice: User) -> None:
    shelf = Shelf()
    invoice = bill(house, shelf)
    house.session.add(
        HealthSheet(child_id=house.elder.id, school_year_id=house.setting.year.id, allergies="Arachide")
    )
    paper = give_paper(
        house,
        shelf,
        "school_insurance",
        state=DocumentState.ACCEPTED,
        valid_until=TODAY,
        child_id=house.elder.id,
    )

    person = person_of_account(house.session, alice.id, TODAY)
    held = dict(held_about(house.session, person))

    assert [row["given_name"] for row in held["child"]] == ["Léo", "Jade"]
    assert held["quotient_familial"][0]["value_cents"] == 85_000
    assert held["invoice"][0]["number"] == invoice.number
    assert len(held["reservation"]) == len(held["attendance"]) == 10
    assert held["reservation"][0]["child"] == "Léo Martin"
    assert held["health_sheet"][0]["allergies"] == "Arachide"
    names = [file.name for file in held_files(house.session, person)]
    assert names == [f"pieces/{paper.id}-papier.pdf", f"factures/{invoice.number}.pdf"]


def other_home(house: Household) -> User:
    """Let Léo live with David Moreau too, whose address, quotient and e-mail are his own."""
    session = house.session
    moreau = make_family(session, "Moreau")
    attach_child(
        session,
        actor=ACTOR,
        now=AUGUST,
        child_id=house.elder.id,
        family_id=moreau.id,
        valid_from=date(2026, 8, 24),
    )
    session.scalars(
        select(FamilyAddress).where(FamilyAddress.family_id == moreau.id)
    ).one().line1 = "7 Avenue Jean Jaurès"
    record_quotient(
        session, actor=ACTOR, now=AUGUST, family_id=moreau.id, value_cents=141_953, source=QuotientSource.CAF,
        valid_from=date(2026, 9, 1),
    )  # fmt: skip
    return account_of(session, adult_of(session, moreau.id), "david@ailleurs.example")


def test_the_other_home_is_not_in_it(house: Household, alice: User) -> None:
    """DOMAIN.md §10: separated parents never see each other's address, QF or invoices."""
    david = other_home(house)
    session, shelf = house.session, Shelf()
    invoice = bill(house, shelf)
    give_paper(
        house,
        shelf,
        "school_insurance",
        state=DocumentState.ACCEPTED,
        valid_until=TODAY,
        child_id=house.elder.id,
    )

    his, hers = person_of_account(session, david.id, TODAY), person_of_account(session, alice.id, TODAY)
    of_david, of_alice = str(dict(held_about(session, his))), str(dict(held_about(session, hers)))

    for secret in ("14 Rue des Écoles", "85000", invoice.number, "alice@foyer.example", "Jade", "Martin ("):
        assert secret not in of_david
    assert "reservation" not in dict(held_about(session, his))
    for secret in ("7 Avenue Jean Jaurès", "141953", "david@ailleurs.example", "Moreau"):
        assert secret not in of_alice
    assert "Léo" in of_david
    assert held_files(session, his) == []


def test_the_other_adult_of_a_home_keeps_its_own_contacts(house: Household, alice: User) -> None:
    session = house.session
    bob = add_guardian(
        session,
        actor=ACTOR,
        now=AUGUST,
        family_id=house.family.id,
        family_name="Martin",
        given_name="Bob",
        phone="+33622222222",
    )
    his = account_of(session, bob, "bob@foyer.example")
    ask_right(
        session,
        actor=parent(his, house.family.id),
        now=NOW,
        family_id=house.family.id,
        right=Right.ERASURE,
        message="Mes essais",
    )

    held = str(dict(held_about(session, person_of_account(session, alice.id, TODAY))))

    for secret in ("+33622222222", "bob@foyer.example", "Mes essais"):
        assert secret not in held


def test_a_child_without_authority_is_not_in_it_from_the_same_day(house: Household, alice: User) -> None:
    session, shelf = house.session, Shelf()
    bill(house, shelf)
    guardian = adult_of(session, house.family.id)

    withdraw_guardian(
        session, actor=ACTOR, now=NOW, guardian_id=guardian.id, child_id=house.elder.id, valid_from=TODAY
    )

    held = dict(held_about(session, person_of_account(session, alice.id, TODAY)))
    assert [row["given_name"] for row in held["child"]] == ["Jade"]
    assert "reservation" not in held and "invoice_line" not in held
    assert "Léo" not in str(held)


def test_an_archive_is_for_its_account_alone_and_for_a_week(house: Household, alice: User) -> None:
    session, shelf = house.session, Shelf()
    actor = parent(alice, house.family.id)
    asked = ask_for_data(session, actor=actor, now=NOW)
    assert ask_for_data(session, actor=actor, now=NOW).id == asked.id
    assert list(waiting_requests(session)) == [asked.id]
    file = keep_file(house, shelf, "archive.zip")

    keep_archive(session, now=NOW, request_id=asked.id, file=file)

    stranger = Actor("user:999", 999, frozenset({Role.PARENT}))
    agent = Actor("user:998", 998, frozenset({Role.ADMINISTRATOR}))
    week_later = instant(date(2026, 12, 13), 10)
    assert fetch_archive(session, actor=actor, now=NOW, request_id=asked.id) is not None
    for other in (stranger, agent):
        assert fetch_archive(session, actor=other, now=NOW, request_id=asked.id) is None
    assert fetch_archive(session, actor=actor, now=week_later, request_id=asked.id) is None
    assert own_requests(session, alice.id, week_later) == []
    assert forget_archives(session, now=week_later) == 1


def test_the_desk_asks_for_an_adult_who_proved_who_they_are(house: Household) -> None:
    session = house.session
    guardian = adult_of(session, house.family.id)
    with pytest.raises(Refusal, match="identity_proof_missing"):
        ask_for_adult(session, actor=ACTOR, now=NOW, guardian_id=guardian.id, proof=" ")
    cashier = Actor("user:7", 7, frozenset({Role.REGISSEUR}))
    with pytest.raises(Refusal, match="not_allowed"):
        ask_for_adult(session, actor=cashier, now=NOW, guardian_id=guardian.id, proof="Carte")

    asked = ask_for_adult(session, actor=ACTOR, now=NOW, guardian_id=guardian.id, proof="Carte")

    person = person_at_desk(session, guardian.id, TODAY)
    assert (person.name, person.user_id, asked.note) == ("Alice Martin", None, "Carte")
    assert "user" not in dict(held_about(session, person))


def test_a_right_over_ones_data_is_answered_with_words(house: Household, alice: User) -> None:
    session = house.session
    actor = parent(alice, house.family.id)
    asked = ask_right(
        session, actor=actor, now=NOW, family_id=house.family.id, right=Right.ERASURE, message="Ma photo"
    )
    again = ask_right(
        session, actor=actor, now=NOW, family_id=house.family.id, right=Right.ERASURE, message="Ma photo"
    )
    assert again.id == asked.id
    with pytest.raises(Refusal, match="reason_missing"):
        answer_right(session, actor=ACTOR, now=NOW, demarche_id=asked.id, accept=False, reason="")

    answer_right(session, actor=ACTOR, now=NOW, demarche_id=asked.id, accept=True, reason="Photo effacée.")

    assert [one.reason for one in own_rights(session, user_id=alice.id)] == ["Photo effacée."]
    with pytest.raises(Refusal, match="demarche_already_decided"):
        answer_right(session, actor=ACTOR, now=NOW, demarche_id=asked.id, accept=True, reason="Encore")
