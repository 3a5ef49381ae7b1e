"""The same town as for accounts, with a declaration that waits."""

import pytest
from sqlalchemy.orm import Session

from tests.accounts.conftest import alice, home  # noqa: F401 - fixtures
from tests.accounts.people import Home
from tests.documents.conftest import agent, charlie, leo  # noqa: F401 - fixtures
from tests.family.declared import Declared, declare


@pytest.fixture
def declared(store: Session, home: Home) -> Declared:  # noqa: F811
    """The Nguyen family's declaration, sent three days ago."""
    found = declare(store)
    store.commit()
    return found
