"""A town with its schools and its school year."""

import pytest
from sqlalchemy.orm import Session

from demo.settings import Setting
from tests.support.households import make_setting


@pytest.fixture
def town(db: Session) -> Setting:
    """Saint-Préau's settings."""
    return make_setting(db)
