"""A family that owes 30,60 € and has signed for direct debit."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain.direct_debits.mandates import Account, sign_mandate
from tests.invoicing.support import owe_ten_meals
from tests.support.households import ACTOR, Household, instant, make_household
from tests.support.world import TODAY

IBAN = "FR7630004000031234567890143"


def make_debtor(session: Session) -> Household:
    """Build it; the invoice is of November, the mandate of the 23rd."""
    return make_household(session, lived=_owe_and_sign)


def _owe_and_sign(house: Household) -> None:
    owe_ten_meals(house)
    sign_mandate(
        house.session,
        actor=ACTOR,
        now=instant(TODAY),
        family_id=house.family.id,
        account=Account("Alice Martin", IBAN),
    )


@pytest.fixture
def debtor(db: Session) -> Household:
    return make_debtor(db)


@pytest.fixture
def stored_debtor(app: Flask, store: Session) -> Household:
    made = make_debtor(store)
    store.commit()
    return made
