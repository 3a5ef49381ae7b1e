"""Every address, tried by everybody: what a view declares is what happens, and no new route can be forgotten.

The list comes from the portal's own map. A route whose argument is unknown fails here until
tests/support/addresses.py says what stands for it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from domain.actor import STAFF_ROLES, Role
from tests.conftest import portal_in
from tests.house.test_routes import SELF_GUARDED, access_of
from tests.support.addresses import FAMILY_THINGS, FORMS, QUERIES, THINGS, fill, key_of
from tests.support.databases import make_engine
from tests.support.pages import Visitor
from tests.support.world import NOW, PARENTS, World, build_world
from views.admin.bases import WRITING
from views.extensions import limiter

# Files of Flask-Admin's own look: nobody's data.
OPEN = {"admin.static"}
# Doors that ask for the bank's signature instead of a person's name.
SIGNED = {"bank.decide", "bank.pay_page", "paybox.notification"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[World]:
    """The town, once for all the tests of this file; each takes it as it was built."""
    with portal_in(tmp_path_factory.mktemp("rights"), empty_database) as app:
        engine = make_engine(app.config["SQLALCHEMY_DATABASE_URI"])
        # A token and a limit are other tests' affair: here every request must reach the guard.
        app.config["WTF_CSRF_ENABLED"] = False
        limiter.enabled = False
        with Session(engine, expire_on_commit=False) as session:
            built = build_world(app, session)
        engine.dispose()
        built.keep()
        yield built


@pytest.fixture(autouse=True)
def _today(world: World, set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


def rules(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] not in SELF_GUARDED and rule.endpoint not in OPEN
    ]


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def ask(world: World, who: str, rule: Rule, method: str) -> TestResponse:
    visitor = Visitor(world.app)
    if who != "nobody":
        visitor.sign_in(world.people[who], world.keys[who])
    form = FORMS.get(rule.endpoint, lambda _world: {})(world) if method != "GET" else None
    answer: TestResponse = visitor.client.open(fill(world, rule), method=method, data=form)
    answer.close()
    return answer


def is_turned_away(answer: TestResponse) -> bool:
    return answer.status_code in (401, 403) or (
        answer.status_code == 302 and answer.headers["Location"].startswith(("/connexion", "/verifier"))
    )


def test_every_argument_of_an_address_is_known(shared_app: Flask) -> None:
    unknown = [
        f"{rule}: say what stands for <{name}> in FAMILY_THINGS, TOWN_THINGS or WORDS of tests/support/addresses.py"
        for rule in rules(shared_app)
        for name in sorted(rule.arguments)
        if key_of(rule, name) not in THINGS
    ]

    assert not unknown, "\n".join(unknown)


def test_parents_pages_are_for_parents_and_anothers_thing_is_not_found(world: World) -> None:
    wrong = []
    for rule in rules(world.app):
        if access_of(world.app, rule) == ("parent",):
            for method in methods(rule):
                wrong += try_everybody(world, rule, method)

    assert not wrong, "\n".join(wrong)


def try_everybody(world: World, rule: Rule, method: str) -> list[str]:
    """Return what is wrong with a parent's page: who came in and should not, and who did not and should."""
    wrong = []
    for who in ("nobody", *sorted(STAFF_ROLES), *reversed(PARENTS)):
        answer = ask(world, who, rule, method)
        if not is_right(who, rule, answer):
            wrong.append(f"{method} {rule} as {who}: {answer.status_code}")
        if method != "GET" and who in PARENTS:
            world.restore()
    return wrong


def is_right(who: str, rule: Rule, answer: TestResponse) -> bool:
    """Whether a parent's page that is about the owner's things answers this person as it must."""
    if who == "nobody":
        return is_turned_away(answer)
    names_things = (
        rule.endpoint in FORMS
        or rule.endpoint in QUERIES
        or any(key_of(rule, name) in FAMILY_THINGS for name in rule.arguments)
    )
    if who in STAFF_ROLES or (who == "stranger" and names_things):
        return answer.status_code == 404
    # A stranger may own nothing that the page is about.
    is_found = answer.status_code != 404 or who == "stranger"
    return is_found and answer.status_code < 500 and not is_turned_away(answer)


def test_staff_pages_are_for_the_roles_that_they_name(world: World) -> None:
    wrong = []
    for rule in rules(world.app):
        access = access_of(world.app, rule)
        if access is None or access == ("parent",) or "public" in access:
            continue
        allowed = frozenset(Role(name) for name in access if name != "staff")
        allowed |= STAFF_ROLES if "staff" in access else frozenset()
        for method in methods(rule):
            wrong += try_roles(world, rule, method, allowed)

    assert not wrong, "\n".join(wrong)


def test_generated_screens_are_for_their_readers_and_writers(world: World) -> None:
    wrong = []
    screens = {view.endpoint: view for view in world.app.extensions["admin"][0]._views}
    for rule in rules(world.app):
        blueprint, _, name = rule.endpoint.partition(".")
        if blueprint not in screens or access_of(world.app, rule) is not None:
            continue
        screen: Any = screens[blueprint]
        allowed = screen.readers & screen.writers if name in WRITING else screen.readers
        for method in methods(rule):
            wrong += try_roles(world, rule, method, frozenset(allowed), may_be_missing=True)

    assert not wrong, "\n".join(wrong)


def try_roles(
    world: World, rule: Rule, method: str, allowed: frozenset[Role], *, may_be_missing: bool = False
) -> list[str]:
    """Return what is wrong: those outside must be turned away, those inside served.

    Args:
        may_be_missing: the view answers 404 where it names nothing, as Flask-Admin's do.
    """
    wrong = []
    outside = [*sorted(STAFF_ROLES - allowed), *(() if Role.PARENT in allowed else ("owner",))]
    inside = [*sorted(STAFF_ROLES & allowed), *(("owner",) if Role.PARENT in allowed else ())]
    for who in ("nobody", *outside, *inside):
        answer = ask(world, who, rule, method)
        if who in inside:
            is_right = answer.status_code < 500 and not is_turned_away(answer)
            is_right = is_right and (may_be_missing or answer.status_code != 404)
            if method != "GET" and answer.status_code == 302:  # done: the next one finds the town as it was
                world.restore()
        else:
            is_right = is_turned_away(answer)
        if not is_right:
            wrong.append(f"{method} {rule} as {who}: {answer.status_code}")
    if inside and method != "GET":
        world.restore()
    return wrong


def test_public_pages_open_to_everybody(world: World) -> None:
    wrong = []
    for rule in rules(world.app):
        if "public" not in (access_of(world.app, rule) or ()):
            continue
        for method in methods(rule):
            for who in ("nobody", "owner", "school_agent"):
                answer = ask(world, who, rule, method)
                is_away = is_turned_away(answer) and rule.endpoint not in SIGNED
                if answer.status_code >= 500 or is_away:
                    wrong.append(f"{method} {rule} as {who}: {answer.status_code}")
            world.restore()

    assert not wrong, "\n".join(wrong)


def test_every_route_is_in_the_matrix(shared_app: Flask) -> None:
    screens = {view.endpoint for view in shared_app.extensions["admin"][0]._views}
    forgotten = [
        str(rule)
        for rule in rules(shared_app)
        if access_of(shared_app, rule) is None and rule.endpoint.split(".")[0] not in screens
    ]

    assert forgotten == []
