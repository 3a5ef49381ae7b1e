"""The town and the staff of the back office's tests, and two families with what people misspell."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from models.base import stamp_session
from models.town import Town
from tests.admin.conftest import home, staff  # noqa: F401 - fixtures
from tests.search.files import open_file, pupil
from tests.support.households import ACTOR, AUGUST


@pytest.fixture
def town(db: Session) -> Session:
    """Two families, with what people misspell."""
    stamp_session(db, ACTOR.label, AUGUST)
    db.add(Town(id=1, name="Saint-Préau", insee_code="45999", postcode="45110"))
    db.flush()
    hernandez = open_file(db, "Hernandez", "Olivie", phone="06 12 34 56 78", email="olivie@exemple.fr")
    pupil(db, hernandez, "Hernandez", "Jérémy", date(2019, 3, 2))
    benali = open_file(db, "Benali", "Naïma", former_code="AB-10079")
    pupil(db, benali, "Ben Ali", "Zoé", date(2020, 6, 2))
    db.commit()
    return db
