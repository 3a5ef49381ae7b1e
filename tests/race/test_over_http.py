"""Sixty-four parents send their month at once to a served portal, and one of its processes is killed meanwhile."""

import http.client
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from app import create_app
from domain.install import ensure_roles
from domain.reservations.opening import register_child
from models.accounts import User
from models.activities import ActivityDay, ActivityKind
from models.audit import AuditEntry
from models.family import Child, ChildFamily, Guardian
from models.messages import OutboxMail
from models.reservations import LIVE_STATES, Reservation
from models.schools import Level
from tests.support.households import (
    ACTOR,
    AUGUST,
    Household,
    instant,
    make_family,
    make_household,
    make_pupil,
)
from tests.support.pages import Visitor
from tests.support.served import Answer, Served, serving
from views.extensions import db

pytestmark = [pytest.mark.race, pytest.mark.timeout(280)]
PARENTS, PLACES = 64, 20
BEGUN_SECONDS = 0.5
NOW = instant(date(2026, 11, 23), 11)
MONTH = date(2026, 12, 1)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Parent:
    """A signed-in parent, with the month of the child open before it."""

    cookie: str
    path: str
    form: dict[str, str]


@dataclass(frozen=True)
class Crowd:
    """A served portal, a day of twenty places, and those who want one."""

    served: Served
    engine: Engine
    day_id: int
    parents: list[Parent]

    def counts(self) -> tuple[int, int, int, int]:
        """Return the day's counter, its live reservations, the bookings noted, and the e-mails."""
        with Session(self.engine) as session:
            live = select(func.count()).where(
                Reservation.activity_day_id == self.day_id, Reservation.state.in_(LIVE_STATES)
            )
            acts = select(func.count()).where(AuditEntry.action == "save_reservations")
            mails = select(func.count()).where(OutboxMail.kind == "reservations_saved")
            taken = session.scalar(select(ActivityDay.taken).where(ActivityDay.id == self.day_id))
            return taken or 0, *(session.scalar(one) or 0 for one in (live, acts, mails))


@pytest.fixture
def crowd(url: str, engine: Engine, tmp_path: Path) -> Iterator[Crowd]:
    with Session(engine) as session:
        house = make_household(session, lived=bring_a_crowd)
        users = [_parent_of(session, number) for number in range(PARENTS)]
        day_id = house.days(ActivityKind.CANTEEN, MONTH, 8)[-1].id
        session.execute(update(ActivityDay).where(ActivityDay.id == day_id).values(places=PLACES))
        session.commit()
        cookies = _cookies(url, tmp_path, [user for user, _ in users])
    with serving(url, tmp_path, NOW) as served, ThreadPoolExecutor(8) as pool:
        opened = pool.map(
            lambda one: _open_month(served, one[0], one[1][1], day_id), zip(cookies, users, strict=True)
        )
        yield Crowd(served, engine, day_id, list(opened))


def bring_a_crowd(house: Household) -> None:
    for number in range(PARENTS):
        _bring_parent(house, number)


def _bring_parent(house: Household, number: int) -> None:
    """A new family, the account of its adult, and its child, who eats at the canteen."""
    session = house.session
    family = make_family(session, f"Famille {number}", email=f"parent{number}@courriel.example")
    child = make_pupil(session, house.setting, family, f"Enfant {number}", date(2019, 1, 1), Level.CE1)
    register_child(
        session,
        actor=ACTOR,
        now=AUGUST,
        child_id=child.id,
        family_id=family.id,
        activity_id=house.activity(ActivityKind.CANTEEN).id,
    )
    user = User(
        email=f"parent{number}@courriel.example",
        display_name=f"Parent {number}",
        fs_uniquifier=f"mark-of-{number}",
        confirmed_at=AUGUST,
        roles=[ensure_roles(session)["parent"]],
    )
    session.add(user)
    session.flush()
    session.scalars(select(Guardian).where(Guardian.family_id == family.id)).one().user_id = user.id


def _parent_of(session: Session, number: int) -> tuple[User, int]:
    """Return a parent of the crowd, and the number of the child."""
    user = session.scalars(select(User).where(User.fs_uniquifier == f"mark-of-{number}")).one()
    child = select(Child.id).join(ChildFamily).join(Guardian, Guardian.family_id == ChildFamily.family_id)
    return user, session.scalars(child.where(Guardian.user_id == user.id)).one()


def _cookies(url: str, folder: Path, users: list[User]) -> list[str]:
    """Return the cookie of a signed-in browser of each, written with the secret that the portal will read."""
    app = create_app({"mode": "testing", "database_url": url, "var_dir": folder})
    cookies = []
    for user in users:
        visitor = Visitor(app).sign_in(user)
        kept = visitor.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        cookies.append(f"{kept.key}={kept.value}")
    with app.app_context():
        db.engine.dispose()
    return cookies


def _open_month(served: Served, cookie: str, child_id: int, day_id: int) -> Parent:
    path = f"/enfants/{child_id}/reservations"
    page = served.ask(cookie, f"{path}?m={MONTH:%Y-%m}")
    assert page.status == http.client.OK, page
    token = TOKEN.search(page.text)
    shown = re.search(rf'value="({day_id}[^"]*)"', page.text)
    assert token is not None
    assert shown is not None
    choice = shown[1].split()[0]
    form = {"csrf_token": token[1], "month": f"{MONTH:%Y-%m}", "shown": choice, "days": choice}
    return Parent(page.cookie or cookie, path, form)


def test_twenty_places_are_sold_twenty_times_over_http(crowd: Crowd) -> None:
    everybody = Barrier(PARENTS)

    def save(parent: Parent) -> Answer:
        everybody.wait(30)
        return crowd.served.ask(parent.cookie, parent.path, parent.form)

    with ThreadPoolExecutor(PARENTS) as pool:
        answers = list(pool.map(save, crowd.parents))

    assert sorted({answer.status for answer in answers}) == [302, 422]
    assert [answer.status for answer in answers].count(302) == PLACES
    assert crowd.counts() == (PLACES, PLACES, PLACES, PLACES)


def test_a_web_process_killed_in_mid_booking_loses_nothing_and_doubles_nothing(crowd: Crowd) -> None:
    everybody = Barrier(PARENTS + 1)
    lost = []

    def save_until_answered(parent: Parent) -> Answer:
        everybody.wait(30)
        for _ in range(100):
            try:
                answer = crowd.served.ask(parent.cookie, parent.path, parent.form)
            except (OSError, http.client.HTTPException):
                # What a person does: the page did not come, so the button is pressed again.
                lost.append(parent)
                time.sleep(0.1)
            else:
                return answer
        pytest.fail("the portal did not come back")

    with ThreadPoolExecutor(PARENTS) as pool:
        waiting = [pool.submit(save_until_answered, parent) for parent in crowd.parents]
        with Session(crowd.engine) as session:
            # The day is held, so that the process dies with bookings begun and none of them ended.
            session.execute(
                update(ActivityDay).where(ActivityDay.id == crowd.day_id).values(taken=ActivityDay.taken)
            )
            everybody.wait(30)
            time.sleep(BEGUN_SECONDS)
            crowd.served.kill_one()
            session.rollback()
        answers = [one.result() for one in waiting]

    assert lost
    assert {answer.status for answer in answers} <= {302, 422}
    assert crowd.counts() == (PLACES, PLACES, PLACES, PLACES)
