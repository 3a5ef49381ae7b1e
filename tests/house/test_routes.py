"""Every page says who may open it, and means it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from domain.actor import Role

# Flask-Security and the static folder guard themselves; the back office is asked below, page by page.
SELF_GUARDED = {"static", "security"}
PATH = re.compile(r"/|(/([a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?|<[a-z_:]+>))+/?")
KNOWN = {"public", "staff", *Role}


def rules(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in SELF_GUARDED:
            yield rule


def is_admin(rule: Rule) -> bool:
    return str(rule).startswith("/admin")


def access_of(app: Flask, rule: Rule) -> Any:
    return getattr(app.view_functions[rule.endpoint], "access", None)


def example(rule: Rule) -> str:
    """Return an address that the rule matches, of things that do not exist."""
    path = str(rule)
    for name, converter in rule._converters.items():
        value = "1" if type(converter).__name__ in ("IntegerConverter", "FloatConverter") else "2026-11"
        path = re.sub(rf"<(\w+(\([^)]*\))?:)?{name}>", value, path)
    return path


def test_every_route_says_who_may_come(shared_app: Flask) -> None:
    silent = [
        f"{rule} ({rule.endpoint})"
        for rule in rules(shared_app)
        if not is_admin(rule) and access_of(shared_app, rule) is None
    ]

    assert silent == []


def test_every_access_rule_names_known_people(shared_app: Flask) -> None:
    wrong = [
        f"{rule}: {access}"
        for rule in rules(shared_app)
        if (access := access_of(shared_app, rule)) is not None and not set(access) <= KNOWN
    ]

    assert wrong == []


def test_a_stranger_is_stopped_at_every_door_that_is_not_public(app: Flask, client: FlaskClient) -> None:
    opened = []
    for rule in rules(app):
        if "public" in (access_of(app, rule) or ()):
            continue
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            answer = client.open(example(rule), method=method)
            # A POST without its token is refused before anybody asks who sends it.
            if answer.status_code not in (
                {302, 400, 401, 403, 404} if method == "POST" else {302, 401, 403, 404}
            ):
                opened.append(f"{method} {rule}: {answer.status_code}")

    assert opened == []


def test_the_back_office_exists(shared_app: Flask) -> None:
    assert any(is_admin(rule) for rule in rules(shared_app))


def test_paths_are_french_words_in_kebab_case(shared_app: Flask) -> None:
    wrong = [str(rule) for rule in rules(shared_app) if not is_admin(rule) and not PATH.fullmatch(str(rule))]

    assert wrong == []


def test_no_address_answers_two_views(shared_app: Flask) -> None:
    seen: dict[tuple[str, str], str] = {}
    twice = []
    for rule in rules(shared_app):
        shape = re.sub(r"<[^>]+>", "<>", str(rule))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            other = seen.setdefault((shape, method), rule.endpoint)
            if other != rule.endpoint:
                twice.append(f"{method} {rule}: {other} and {rule.endpoint}")

    assert twice == []


@pytest.mark.parametrize("path", ["/", "/connexion", "/rien-ici"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
