"""What may become of an invoice, what is odd about a month, when a family is reminded."""

import pytest

from domain.errors import Refusal
from domain.invoicing.rules import Action, Anomaly, State, anomalies, next_state
from models import invoices as tables


@pytest.mark.parametrize(
    ("state", "actions", "expected"),
    [
        (State.ISSUED, [Action.PAY_PART, Action.PAY_PART, Action.PAY_ALL], State.PAID),
        (State.ISSUED, [Action.PAY_ALL], State.PAID),
        (State.ISSUED, [Action.REMIND, Action.REMIND, Action.HAND_OVER], State.HANDED_OVER),
        (State.ISSUED, [Action.REMIND, Action.PAY_PART], State.REMINDED),
        (State.ISSUED, [Action.PAY_PART, Action.REMIND, Action.HAND_OVER, Action.PAY_ALL], State.PAID),
        (State.ISSUED, [Action.CANCEL], State.CANCELLED),
        (State.PAID, [Action.CANCEL], State.CANCELLED),
    ],
)
def test_an_invoice_goes_its_way(state, actions, expected):
    for action in actions:
        state = next_state(state, action)

    assert state is expected


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (State.PAID, Action.PAY_PART),
        (State.PAID, Action.PAY_ALL),
        (State.PAID, Action.REMIND),
        (State.ISSUED, Action.HAND_OVER),
        (State.HANDED_OVER, Action.REMIND),
        *((State.CANCELLED, action) for action in Action),
    ],
)
def test_other_ways_are_refused(state, action):
    with pytest.raises(Refusal) as refusal:
        next_state(state, action)

    assert refusal.value.code == "invoice_action_not_possible"
    assert refusal.value.facts == {"state": state.value, "action": action.value}


def test_the_rules_know_the_states_of_the_table():
    assert set(State) == set(tables.InvoiceState)


def odd(**facts):
    plain = {
        "total_cents": 5000,
        "day_count": 16,
        "uncalled_count": 0,
        "has_quotient": True,
        "usual_cents": 4800,
    }
    return anomalies(**(plain | facts))


def test_a_plain_month_is_not_odd():
    assert odd() == ()
    assert odd(usual_cents=None) == ()
    assert odd(total_cents=0, day_count=0) == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"uncalled_count": 1}, Anomaly.NO_ROLL_CALL),
        ({"has_quotient": False}, Anomaly.NO_QUOTIENT),
        ({"total_cents": 0}, Anomaly.ZERO),
        ({"total_cents": 14_400}, Anomaly.UNUSUAL),
    ],
)
def test_what_staff_should_look_at_before_they_issue(facts, expected):
    assert odd(**facts) == (expected,)


def test_just_under_three_times_the_usual_is_usual():
    assert odd(total_cents=14_399) == ()
