"""A purge removes what is kept for too long, and nothing else; balances hold whatever goes."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.privacy.files import remove_doomed_files
from domain.privacy.periods import periods, set_periods
from domain.privacy.purge import (
    PARTS,
    count_due,
    count_held_back,
    is_purge_overdue,
    open_purge,
    purge_batch,
    start_purge,
)
from domain.privacy.rules import Kind
from models import Base
from models.accounts import User
from models.activities import ActivityDay
from models.audit import AuditEntry
from models.documents import Document, StoredFile
from models.family import Child, Family, Guardian, TrustedPerson
from models.health import HealthSheet, Pai
from models.invoices import Invoice, InvoiceLine
from models.messages import OutboxMail
from models.payments import LedgerEntry, Payment
from models.privacy import DoomedFile, PurgeRun
from models.reservations import LIVE_STATES, Reservation
from tests.privacy.old_town import (
    ISSUED,
    Shelf,
    balances_hold,
    bill,
    fill_town,
    leave,
    pay,
    purge,
    years_later,
)
from tests.support.households import ACTOR, Household, instant

AGENT = Actor(label="user:9", user_id=9, roles=frozenset({Role.SCHOOL_AGENT}))
LEFT_ON = date(2026, 12, 6)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def rows(session: Session) -> dict[str, int]:
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
    }


def test_counting_changes_nothing(house: Household, shelf: Shelf) -> None:
    fill_town(house, shelf)
    house.session.flush()
    before = rows(house.session)

    due = count_due(house.session, date(2030, 1, 1))

    assert sum(due.values()) > 10
    assert not house.session.dirty
    assert rows(house.session) == before


def test_everything_goes_at_its_end_and_not_before(house: Household, shelf: Shelf) -> None:
    """DOMAIN.md §10: health to the end of the school year, a refused request after a year, logs after twelve months."""
    fill_town(house, shelf)
    session = house.session

    assert count_due(session, date(2026, 8, 24)) == dict.fromkeys([part.name for part in PARTS], 0)
    in_summer = count_due(session, date(2027, 7, 31))
    assert (in_summer["health_sheets"], in_summer["pais"]) == (1, 1)
    assert in_summer["refused_requests"] == 0
    in_autumn = count_due(session, date(2027, 8, 25))
    assert (in_autumn["refused_requests"], in_autumn["refused_families"], in_autumn["mails"]) == (1, 1, 1)
    assert in_autumn["audit_entries"] > 0


def test_a_purge_removes_it_with_its_files_and_keeps_a_record(house: Household, shelf: Shelf) -> None:
    fill_town(house, shelf)
    session, now = house.session, instant(date(2027, 9, 1))
    due = {name: count for name, count in count_due(session, date(2027, 9, 1)).items() if count}

    run = purge(house, shelf, now)

    assert run.finished_at == now
    assert run.removed == due
    for gone in (HealthSheet, Pai, Document, OutboxMail):
        assert session.scalar(select(func.count()).select_from(gone)) == 0
    assert session.scalars(select(Family.name)).all() == ["Martin"]
    assert session.scalars(select(User.email)).all() == []
    assert shelf.files == {}
    assert rows(session)["stored_file"] == rows(session)["doomed_file"] == 0
    # The family that lives here, and the people it trusts, stay.
    assert session.scalars(select(TrustedPerson.full_name)).one() == "Mamie Rose"


def test_a_record_names_nobody(house: Household, shelf: Shelf) -> None:
    fill_town(house, shelf)

    run = purge(house, shelf, instant(date(2027, 9, 1)))

    assert all(isinstance(count, int) for count in run.removed.values())
    assert set(run.removed) <= {part.name for part in PARTS}


def test_done_twice_it_finds_nothing_the_second_time(house: Household, shelf: Shelf) -> None:
    fill_town(house, shelf)
    now = instant(date(2027, 9, 1))
    purge(house, shelf, now)
    before = rows(house.session)

    second = purge(house, shelf, now)

    assert second.removed == {}
    after = rows(house.session)
    assert {name for name in after if after[name] != before[name]} <= {"purge_run", "audit_entry"}


def test_killed_in_the_middle_it_goes_on_in_the_same_record(house: Household, shelf: Shelf) -> None:
    fill_town(house, shelf)
    session, now = house.session, instant(date(2027, 9, 1))
    run = start_purge(session, actor=ACTOR, now=now)
    purge_batch(session, now=now, run_id=run.id)
    purge_batch(session, now=now, run_id=run.id)

    again = start_purge(session, actor=ACTOR, now=now + timedelta(hours=1))

    assert again.id == run.id
    due = count_due(session, date(2027, 9, 1))
    done = dict(again.removed)
    purge(house, shelf, now + timedelta(hours=1))
    assert open_purge(session) is None
    assert sum(again.removed.values()) == sum(due.values()) + sum(done.values())


def test_killed_between_the_commit_and_the_files_nothing_is_lost_nor_left(
    house: Household, shelf: Shelf
) -> None:
    fill_town(house, shelf)
    session, now = house.session, instant(date(2027, 9, 1))
    run = start_purge(session, actor=ACTOR, now=now)
    while purge_batch(session, now=now, run_id=run.id):
        pass  # the worker dies before it removes a file
    assert len(shelf.files) == session.scalar(select(func.count()).select_from(DoomedFile)) > 0

    remove_doomed_files(session, shelf)

    assert shelf.files == {}
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_only_an_administrator_purges_and_chooses_the_periods(house: Household) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        start_purge(house.session, actor=AGENT, now=ISSUED)
    with pytest.raises(Refusal, match="not_allowed"):
        set_periods(house.session, actor=AGENT, now=ISSUED, months={}, by_itself=True)


def test_the_towns_own_period_is_the_one_that_counts(house: Household, shelf: Shelf) -> None:
    fill_town(house, shelf)
    session = house.session

    set_periods(session, actor=ACTOR, now=ISSUED, months={Kind.MAILS: 24}, by_itself=False)

    assert periods(session)[Kind.MAILS] == 24
    assert count_due(session, date(2027, 9, 1))["mails"] == 0
    assert count_due(session, date(2028, 9, 1))["mails"] == 1
    with pytest.raises(Refusal, match="retention_out_of_range"):
        set_periods(session, actor=ACTOR, now=ISSUED, months={Kind.ACCOUNTING: 60}, by_itself=False)


def test_staff_are_reminded_a_month_after_the_last_purge(house: Household, shelf: Shelf) -> None:
    session = house.session
    assert is_purge_overdue(session, ISSUED)  # installed in August

    purge(house, shelf, ISSUED)

    assert not is_purge_overdue(session, ISSUED + timedelta(days=31))
    assert is_purge_overdue(session, ISSUED + timedelta(days=32))


def test_a_family_that_left_goes_after_three_years_and_its_accounts_stay(
    house: Household, shelf: Shelf
) -> None:
    """DOMAIN.md §10: family file until 3 years after departure; invoices 10 years."""
    fill_town(house, shelf)
    invoice = bill(house, shelf)
    number, total, payer = invoice.number, invoice.total_cents, invoice.payer_name
    pay(house, total)
    leave(house, LEFT_ON)
    session = house.session
    assert count_due(session, date(2029, 12, 6))["departed_families"] == 0

    purge(house, shelf, years_later(3))

    family = session.scalars(select(Family)).one()
    assert (family.name, family.search_text, family.code is not None) == ("effacé", "", True)
    assert family.pseudonymised_at is not None
    for gone in (Guardian, TrustedPerson, Document):
        assert session.scalar(select(func.count()).select_from(gone)) == 0
    # Léo ate, so a line names him still; Jade is in no account.
    child = session.scalars(select(Child)).one()
    assert (child.full_name, child.born_on) == ("effacé", date(2019, 1, 1))
    kept = session.scalars(select(Invoice)).one()
    assert (kept.number, kept.total_cents, kept.payer_name) == (number, total, payer)
    assert kept.file_id is not None and len(shelf.files) == 1
    assert balances_hold(house)


def test_a_family_without_any_account_goes_whole(house: Household, shelf: Shelf) -> None:
    fill_town(house, shelf)
    leave(house, LEFT_ON)

    purge(house, shelf, years_later(3))

    assert rows(house.session)["family"] == rows(house.session)["child"] == 0
    assert shelf.files == {}


def test_a_debt_holds_the_file_back(house: Household, shelf: Shelf) -> None:
    bill(house, shelf)
    leave(house, LEFT_ON)

    due = count_due(house.session, date(2030, 1, 1))

    assert due["departed_families"] == 0
    assert count_held_back(house.session, date(2030, 1, 1)) == 1


def test_after_ten_years_the_names_go_and_the_amounts_stay(house: Household, shelf: Shelf) -> None:
    invoice = bill(house, shelf)
    total = invoice.total_cents
    pay(house, total)
    session = house.session
    assert count_due(session, date(2036, 12, 5))["invoices"] == 0

    run = purge(house, shelf, years_later(10))

    kept = session.scalars(select(Invoice)).one()
    assert (kept.total_cents, kept.paid_cents, kept.payer_name, kept.file_id) == (
        total,
        total,
        "effacé",
        None,
    )
    line = session.scalars(select(InvoiceLine)).one()
    assert (line.child_name, line.child_id, line.explanation, line.amount_cents) == ("", None, {}, total)
    assert session.scalars(select(Payment)).one().payer_name == "effacé"
    assert rows(session)["reservation"] == rows(session)["attendance"] == 0
    assert run.removed["reservations"] == 10
    assert session.scalar(select(func.sum(ActivityDay.taken))) == 0
    assert shelf.files == {}
    assert balances_hold(house)


def test_the_worker_does_not_draw_again_what_a_purge_emptied(house: Household, shelf: Shelf) -> None:
    from domain.invoicing.drawing import claim_undrawn
    from models.messages import DrawnKind

    pay(house, bill(house, shelf).total_cents)
    purge(house, shelf, years_later(10))

    claimed = claim_undrawn(house.session, kind=DrawnKind.INVOICE, now=years_later(10), limit=9)

    assert claimed == []


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    meals=st.integers(5, 9),
    parts=st.lists(st.integers(1, 100), max_size=3),
    years=st.integers(0, 12),
    goes=st.booleans(),
)
def test_balances_hold_whatever_is_purged(
    house: Household, meals: int, parts: list[int], years: int, goes: bool
) -> None:
    shelf, session = Shelf(), house.session
    with session.begin_nested() as attempt:
        total = bill(house, shelf, meals=meals).total_cents
        for part in parts:
            pay(house, max(1, total * part // 100))
        if goes:
            leave(house, LEFT_ON)
        owed = session.scalar(select(func.sum(LedgerEntry.amount_cents)))

        purge(house, shelf, years_later(years))

        assert balances_hold(house)
        assert session.scalar(select(func.sum(LedgerEntry.amount_cents))) == owed
        counted = select(func.count()).select_from(Reservation).where(Reservation.state.in_(LIVE_STATES))
        assert session.scalar(select(func.sum(ActivityDay.taken))) == session.scalar(counted)
        attempt.rollback()
    session.expire_all()


def test_two_purges_never_run_side_by_side(house: Household) -> None:
    checks = {one["name"] for one in inspect(house.session.get_bind()).get_indexes("purge_run")}
    start_purge(house.session, actor=ACTOR, now=ISSUED)

    assert "uq_purge_run_open" in checks
    assert house.session.scalar(select(func.count()).select_from(PurgeRun)) == 1
    assert house.session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_kind == "purge_run")
    ).all() == ["start_purge"]
