"""The family that owes, on each kind of database and in the portal's own."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.recovery.support import make_ower
from tests.support.households import Household


@pytest.fixture
def house(db: Session) -> Household:
    return make_ower(db)


@pytest.fixture
def stored(app: Flask, store: Session) -> Household:
    made = make_ower(store)
    store.commit()
    return made
