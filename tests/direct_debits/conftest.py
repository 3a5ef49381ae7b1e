"""A family that owes 30,60 € and has signed for direct debit."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain.direct_debits.mandates import Account, sign_mandate
from models.activities import ActivityKind
from tests.invoicing.support import NOVEMBER, issue
from tests.support.households import ACTOR, Household, instant, make_household
from tests.support.world import TODAY

IBAN = "FR7630004000031234567890143"


def make_debtor(session: Session) -> Household:
    """Build it; the invoice is of November, the mandate of the 23rd."""
    made = make_household(session)
    made.book(made.elder, ActivityKind.CANTEEN, NOVEMBER, 10)
    issue(session)
    sign_mandate(
        session,
        actor=ACTOR,
        now=instant(TODAY),
        family_id=made.family.id,
        account=Account("Alice Martin", IBAN),
    )
    return made


@pytest.fixture
def debtor(db: Session) -> Household:
    return make_debtor(db)


@pytest.fixture
def stored_debtor(app: Flask, store: Session) -> Household:
    made = make_debtor(store)
    store.commit()
    return made
