"""The same inscription asked eight times at once, then answered by eight agents at once: one of each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.reservations.opening import register_child
from domain.reservations.registrations import decide_registration
from models.activities import ActivityKind, ActivityRegistration, RegistrationState
from models.audit import AuditEntry
from tests.support.households import instant, make_household

pytestmark = pytest.mark.race
HANDS = 8
TODAY = date(2026, 11, 23)
NOW = instant(TODAY, 11)


def count(session: Session, action: str) -> int:
    return session.scalar(select(func.count()).where(AuditEntry.action == action)) or 0


def test_one_inscription_and_one_answer_whatever_arrives_at_once(engine: Engine) -> None:
    with Session(engine) as session:
        house = make_household(session)
        study = house.activity(ActivityKind.SUPERVISED_STUDY)
        study.is_auto_validated = False
        session.commit()
        child_id, family_id, activity_id = house.elder.id, house.family.id, study.id
    parent = Actor(
        label="user:1", user_id=1, roles=frozenset({Role.PARENT}), family_ids=frozenset({family_id})
    )
    everybody = Barrier(HANDS)

    def ask(_hand: int) -> int:
        with Session(engine) as session:
            everybody.wait(30)
            made = register_child(
                session,
                actor=parent,
                now=NOW,
                child_id=child_id,
                family_id=family_id,
                activity_id=activity_id,
            )
            session.commit()
            return made.id

    def answer(hand: int) -> bool:
        agent = Actor(label=f"user:{hand}", user_id=100 + hand, roles=frozenset({Role.SCHOOL_AGENT}))
        with Session(engine) as session:
            everybody.wait(30)
            try:
                decide_registration(
                    session, actor=agent, now=NOW, today=TODAY, registration_id=asked,
                    accept=bool(hand % 2), reason="Complet",
                )  # fmt: skip
            except Refusal as refusal:
                assert refusal.code == "registration_already_decided"
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(HANDS) as pool:
        (asked,) = set(pool.map(ask, range(HANDS)))
        answers = list(pool.map(answer, range(HANDS)))

    with Session(engine) as session:
        states = session.scalars(select(ActivityRegistration.state)).all()
        assert len(states) == 1
        assert states[0] is not RegistrationState.REQUESTED
        assert answers.count(True) == 1
        assert count(session, "register_child") == 1
        assert count(session, "accept_registration") + count(session, "refuse_registration") == 1
