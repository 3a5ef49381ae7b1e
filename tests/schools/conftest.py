"""A town with its schools and its school year."""

import pytest
from sqlalchemy.orm import Session

from demo.settings import Setting, build_settings
from models.base import stamp_session
from tests.support.households import ACTOR, AUGUST


@pytest.fixture
def town(db: Session) -> Setting:
    """Saint-Préau's settings."""
    stamp_session(db, ACTOR.label, AUGUST)
    return build_settings(db, actor=ACTOR, now=AUGUST)
