"""A town that takes declarations, and a parent whom it does not know yet."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.accounts import User
from models.calendar import SchoolYear
from models.documents import DocumentRequirement, DocumentType
from tests.accounts.conftest import alice, home  # noqa: F401 - fixtures
from tests.accounts.people import Home, hashed, make_user
from tests.documents.papers import make_kind


@pytest.fixture
def town(store: Session, home: Home) -> Session:  # noqa: F811
    """The year is set up; a declaration asks for two documents, a PAI and a separation for one more."""
    store.add(SchoolYear(label="2026-2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 3)))
    kind = store.query(DocumentType).filter_by(code="proof_of_address").one()
    store.add(DocumentRequirement(document_type_id=kind.id, act="family_declaration"))
    make_kind(store, "identity_child", acts=("family_declaration",))
    make_kind(store, "pai", is_health=True, acts=("declared_pai",))
    make_kind(store, "custody", acts=("declared_separation",))
    store.commit()
    return store


@pytest.fixture
def ines(app: Flask, town: Session) -> User:
    """Inès, whose account is confirmed and who has declared nothing."""
    user = make_user(town, "ines@example.com", password_hash=hashed(app))
    user.display_name = "Inès O’Dwyer"
    town.commit()
    return user


@pytest.fixture
def omar(app: Flask, town: Session) -> User:
    """Another newcomer."""
    user = make_user(town, "omar@example.com", password_hash=hashed(app))
    town.commit()
    return user
