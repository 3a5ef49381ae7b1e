"""A household in its town, on each kind of database."""

import pytest
from sqlalchemy.orm import Session

from tests.support.households import Household, make_household


@pytest.fixture
def house(db: Session) -> Household:
    """Alice Martin, Léo and Jade."""
    return make_household(db)
