"""To which debts money goes, and what a bank's notification may change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.payments.rules import (
    OPEN_STATES,
    Debt,
    Notice,
    Payable,
    Share,
    TryFacts,
    TryState,
    Verdict,
    allocate,
    is_silent,
    may_settle,
    require_means,
    state_after,
    verdict,
    voucher_room,
)
from models import activities
from models import payments as tables

NOW = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
OLD = Debt(1, 5000, date(2026, 10, 5), NOW - timedelta(days=60))
NEW = Debt(2, 7000, date(2026, 11, 5), NOW - timedelta(days=30))
UNDATED = Debt(3, 1000, None, NOW - timedelta(days=90))


def shares(amount, debts=(NEW, UNDATED, OLD), chosen=()):
    found = allocate(amount, debts, chosen)
    return [(share.invoice_id, share.amount_cents) for share in found.shares], found.credit_cents


def test_the_oldest_debt_is_paid_first():
    assert shares(6000) == ([(1, 5000), (2, 1000)], 0)


def test_a_debt_without_due_date_comes_last():
    assert shares(12_500) == ([(1, 5000), (2, 7000), (3, 500)], 0)


def test_the_family_may_choose_what_it_pays():
    assert shares(8000, chosen=[2]) == ([(2, 7000), (1, 1000)], 0)
    assert shares(8000, chosen=[3, 2]) == ([(3, 1000), (2, 7000)], 0)


def test_an_excess_is_the_family_s_credit():
    assert shares(20_000) == ([(1, 5000), (2, 7000), (3, 1000)], 7000)


def test_paid_on_line_after_the_desk_is_all_credit():
    assert shares(5000, debts=[Debt(1, 0, None, NOW)]) == ([], 5000)
    assert shares(5000, debts=[]) == ([], 5000)


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_is_of_one_cent_at_least(amount):
    with pytest.raises(ValueError, match="one cent"):
        allocate(amount, [OLD])


DEBTS = st.lists(st.integers(0, 20_000), max_size=8).map(
    lambda dues: [Debt(place, due, None, NOW + timedelta(days=place)) for place, due in enumerate(dues)]
)


@given(st.integers(1, 100_000), DEBTS, st.lists(st.integers(0, 9), unique=True, max_size=4))
def test_an_allocation_loses_and_invents_no_cent(amount, debts, chosen):
    found = allocate(amount, debts, chosen)

    dues = {debt.invoice_id: debt.due_cents for debt in debts}
    assert sum(share.amount_cents for share in found.shares) + found.credit_cents == amount
    assert all(0 < share.amount_cents <= dues[share.invoice_id] for share in found.shares)
    assert len({share.invoice_id for share in found.shares}) == len(found.shares)
    if found.credit_cents:
        assert found.credit_cents == amount - sum(dues.values())


def test_a_share_names_its_invoice():
    assert allocate(100, [OLD]).shares == (Share(1, 100),)


def row(state=TryState.CREATED, transaction=""):
    return TryFacts(state, 14_180, "978", transaction)


def notice(code="00000", amount=14_180, currency="978", authorisation="XXXXXX", transaction="591"):
    return Notice(code, amount, currency, authorisation, transaction)


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_a_right_payment_settles_whatever_the_bank_said_before(state):
    assert verdict(notice(), row(state), is_signed=True) is Verdict.SETTLED


def test_a_bank_that_tells_no_currency_is_in_euros():
    assert verdict(notice(currency=None), row(), is_signed=True) is Verdict.SETTLED


@pytest.mark.parametrize("given_row", [None, row(), row(TryState.PAID)])
def test_a_forged_notification_is_forged_whatever_it_says(given_row):
    assert verdict(notice(), given_row, is_signed=False) is Verdict.FORGED


def test_an_unknown_reference_settles_nothing():
    assert verdict(notice(), None, is_signed=True) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "wrong", [{"amount": 14_181}, {"amount": 1}, {"amount": None}, {"currency": "840"}, {"authorisation": ""}]
)
def test_what_is_paid_but_not_right_waits_for_the_regisseur(wrong):
    assert verdict(notice(**wrong), row(), is_signed=True) is Verdict.QUARANTINED


def test_the_same_payment_told_again_changes_nothing():
    assert verdict(notice(), row(TryState.PAID, "591"), is_signed=True) is Verdict.REPEATED
    assert verdict(notice(), row(TryState.PAID), is_signed=True) is Verdict.REPEATED
    assert verdict(notice(), row(TryState.QUARANTINED, "591"), is_signed=True) is Verdict.REPEATED


def test_a_second_payment_of_one_try_is_not_lost():
    paid = row(TryState.PAID, "591")

    assert verdict(notice(transaction="592"), paid, is_signed=True) is Verdict.QUARANTINED
    assert verdict(notice(amount=1), paid, is_signed=True) is Verdict.QUARANTINED
    assert state_after(TryState.PAID, Verdict.QUARANTINED, "00000") is TryState.PAID


@pytest.mark.parametrize("state", [TryState.PAID, TryState.QUARANTINED])
@pytest.mark.parametrize("code", ["00001", "00021", "00151", "99999", "00015"])
def test_a_late_refusal_does_not_undo_a_payment(state, code):
    found = verdict(notice(code, authorisation=""), row(state), is_signed=True)

    assert found is Verdict.REPEATED
    assert state_after(state, found, code) is state


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("00001", TryState.CANCELLED),
        ("00030", TryState.CANCELLED),
        ("00003", TryState.REFUSED),
        ("00021", TryState.REFUSED),
        ("00033", TryState.REFUSED),
        ("00040", TryState.REFUSED),
        ("00151", TryState.REFUSED),
        ("77777", TryState.REFUSED),
    ],
)
@pytest.mark.parametrize("before", [TryState.CREATED, TryState.PENDING])
def test_what_the_bank_did_not_accept_closes_the_try(before, code, after):
    found = verdict(notice(code, authorisation=""), row(before), is_signed=True)

    assert found is Verdict.REFUSED
    assert state_after(before, found, code) is after


@pytest.mark.parametrize("code", ["99999", "00015"])
def test_a_notification_that_announces_another_waits(code):
    found = verdict(notice(code, authorisation=""), row(), is_signed=True)

    assert found is Verdict.PENDING
    assert state_after(TryState.CREATED, found, code) is TryState.PENDING
    assert verdict(notice(code), row(TryState.PENDING), is_signed=True) is Verdict.REPEATED


@given(
    st.lists(
        st.builds(
            Notice,
            st.sampled_from(["00000", "00001", "00015", "00021", "00151", "99999"]),
            st.sampled_from([14_180, 1]),
            st.sampled_from(["978", None, "840"]),
            st.sampled_from(["XXXXXX", ""]),
            st.sampled_from(["591", "592", ""]),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_whatever_arrives_in_whatever_order_a_try_is_settled_once_at_most(notices, is_signed):
    state, settled = TryState.CREATED, 0
    for one in notices:
        found = verdict(one, TryFacts(state, 14_180, "978"), is_signed=is_signed)
        settled += found is Verdict.SETTLED
        assert found is not Verdict.SETTLED or (one.error_code, one.amount_cents) == ("00000", 14_180)
        state = state_after(state, found, one.error_code)

    assert settled == (state is TryState.PAID)
    assert is_signed or state is TryState.CREATED


@pytest.mark.parametrize(
    ("state", "minutes", "expected"),
    [
        (TryState.CREATED, 29, False),
        (TryState.CREATED, 30, True),
        (TryState.PENDING, 31, True),
        (TryState.PAID, 600, False),
        (TryState.REFUSED, 600, False),
    ],
)
def test_a_try_without_answer_shows_as_unknown_after_half_an_hour(state, minutes, expected):
    assert is_silent(state, NOW, NOW + timedelta(minutes=minutes)) is expected


@pytest.mark.parametrize(
    ("kind", "is_under_six", "cesu", "ancv"),
    [
        ("canteen", True, False, False),
        ("canteen", False, False, False),
        ("morning_childcare", False, True, False),
        ("evening_childcare", True, True, False),
        ("supervised_study", False, True, False),
        ("wednesday_leisure", True, True, True),
        ("wednesday_leisure", False, False, True),
        ("evening_leisure", False, False, True),
        ("holiday_leisure", True, True, True),
    ],
)
def test_what_vouchers_may_settle(kind, is_under_six, cesu, ancv):
    assert may_settle("cesu", kind, is_under_six=is_under_six) is cesu
    assert may_settle("ancv", kind, is_under_six=is_under_six) is ancv
    assert may_settle("cash", kind, is_under_six=is_under_six)


MONTH = [Payable("canteen", False, 4896), Payable("supervised_study", False, 1680)]


@pytest.mark.parametrize(
    ("means", "discount", "used", "room"),
    [
        ("cesu", 0, 0, 1680),
        ("cesu", 0, 1000, 680),
        ("cesu", 0, 2000, 0),
        ("cesu", 658, 0, 1511),  # 10 % of the invoice: 168,04 of the study, rounded against the voucher
        ("ancv", 0, 0, 0),
        ("cheque", 0, 0, 6576),
    ],
)
def test_what_a_means_may_still_settle_of_an_invoice(means, discount, used, room):
    assert voucher_room(means, MONTH, discount_cents=discount, used_cents=used) == room


def test_an_invoice_without_services_leaves_no_room():
    assert voucher_room("cesu", [], discount_cents=100) == 0


def test_vouchers_are_taken_up_to_what_they_may_settle():
    require_means("cesu", 1680, 1680)
    require_means("cheque", 99_999, 0)


@pytest.mark.parametrize(("means", "amount", "limit"), [("cesu", 1681, 1680), ("ancv", 1, 0)])
def test_vouchers_beyond_that_are_refused(means, amount, limit):
    with pytest.raises(Refusal) as refusal:
        require_means(means, amount, limit)

    assert refusal.value.code == "means_not_accepted"
    assert refusal.value.facts == {"means": means, "limit_cents": limit}


def test_the_rules_know_the_words_of_the_tables():
    assert set(TryState) == set(tables.TryState)
    assert set(Verdict) == set(tables.NotificationVerdict)
    assert {"cesu", "ancv"} <= set(tables.PaymentMeans)
    for kind in activities.ActivityKind:
        is_meal = kind == "canteen"
        settles = [may_settle(means, kind, is_under_six=True) for means in ("cesu", "ancv")]
        assert any(settles) is not is_meal
