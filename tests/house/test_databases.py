"""The tests' own databases behave as production's, and forget what a test wrote."""

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.town import Counter
from tests.support.databases import rolled_back
from tests.support.queries import recorded_statements


def test_a_test_may_commit_and_leaves_nothing(engine: Engine) -> None:
    with rolled_back(engine) as session:
        session.add(Counter(series="test", year=2026, value=1))
        session.commit()
        session.add(Counter(series="test", year=2027, value=1))
        session.commit()
        assert len(session.scalars(select(Counter).where(Counter.series == "test")).all()) == 2

    with Session(engine) as session:
        assert session.scalars(select(Counter).where(Counter.series == "test")).all() == []


def test_a_refused_row_does_not_spoil_the_rest(db: Session) -> None:
    db.add(Counter(series="test", year=2026, value=1))
    db.commit()

    with pytest.raises(IntegrityError):
        db.execute(text("INSERT INTO counter (series, year, value) VALUES ('test', 2026, 2)"))
    db.rollback()

    assert db.scalar(select(Counter.value).where(Counter.series == "test")) == 1


def test_what_a_savepoint_held_is_undone_with_its_transaction(engine: Engine) -> None:
    with Session(engine) as session:
        session.scalars(select(Counter)).all()
        with session.begin_nested():
            session.add(Counter(series="test", year=2026, value=1))
        session.rollback()

    with Session(engine) as session:
        assert session.scalars(select(Counter).where(Counter.series == "test")).all() == []


def test_foreign_keys_are_kept(db: Session) -> None:
    with pytest.raises(IntegrityError):
        db.execute(text("INSERT INTO user_role (user_id, role_id) VALUES (987654, 987654)"))


def test_the_statements_that_a_page_costs_are_counted(db: Session) -> None:
    with recorded_statements() as statements:
        db.scalars(select(Counter)).all()

    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1
