"""The pages that the map of addresses names, each fetched as somebody who may read it."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from domain import clock
from domain.actor import Role
from tests.conftest import portal_in
from tests.support.addresses import fill
from tests.support.databases import build_schema, make_engine, sqlite_url
from tests.support.pages import Visitor
from tests.support.queries import recorded_statements
from tests.support.world import NOW, World, build_world
from views.extensions import db

CITIZENS, STAFF = "citizens", "staff"
# A picture that waits until it is near is no part of the first visit: tests/guides weighs those of a page.
FILE = re.compile(
    r'<(?:link|script|img)\b(?![^>]*loading="lazy")[^>]*?(?:href|src)="(/(?:static|theme|logo)[^"]*)"'
)
# The files of Flask-Admin's own look and of ours.
NO_PAGES = {"static", "admin.static"}
ONE_RECORD = {"details_view", "edit_view"}
# The local bank and the mails to read are no part of the portal in production.
DEVELOPMENT = {"bank", "dev_mails"}


@dataclass(frozen=True)
class FoundPage:
    """A page as somebody who may read it gets it.

    Args:
        reader: the name of the person in the world; empty for a visitor.
        statements: how many questions it asked of the database.
        weight: of its HTML, in bytes, compressed as on the wire.
        first_weight: the same with all that a browser that was never here must fetch for it.
    """

    endpoint: str
    path: str
    reader: str
    side: str
    statements: int
    weight: int
    first_weight: int


@contextmanager
def standing_world(folder: Path) -> Iterator[World]:
    """Give the town of the rights matrix on its own day, with a portal in front of it."""
    empty = folder / "empty.sqlite"
    build_schema(sqlite_url(empty)).dispose()
    with portal_in(folder, empty) as app, pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOW)
        engine = make_engine(app.config["SQLALCHEMY_DATABASE_URI"])
        with Session(engine, expire_on_commit=False) as session:
            built = build_world(app, session)
        engine.dispose()
        built.keep()
        yield built


def find_pages(world: World, side: str = "") -> list[FoundPage]:
    """Return every page that answers with HTML, by address: of one side, or of both."""
    weights: dict[str, int] = {}
    pages = (
        _fetch(world, rule, path, reader, weights)
        for rule, path, reader in open_pages(world)
        if side in ("", side_of(str(rule)))
    )
    return [page for page in pages if page is not None]


def open_pages(world: World) -> Iterator[tuple[Rule, str, str]]:
    """Yield each rule that may answer with a page, its address in the world, and who reads it."""
    for rule in sorted(world.app.url_map.iter_rules(), key=str):
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES:
            continue
        if rule.endpoint.split(".")[0] not in DEVELOPMENT:
            yield rule, fill(world, rule) + _record(world, rule), reader_of(world.app, rule)


def side_of(path: str) -> str:
    """Return whose page this is."""
    return STAFF if path.startswith("/admin") else CITIZENS


def reader_of(app: Flask, rule: Rule) -> str:
    """Return somebody of the world who may open this page; "" for anybody."""
    access = getattr(app.view_functions[rule.endpoint], "access", None)
    if access is None:  # a screen of the back office, or a page of Flask-Security
        return Role.ADMINISTRATOR if str(rule).startswith("/admin") else ""
    if "public" in access:
        return ""
    if Role.PARENT in access:
        return "owner"
    return Role.ADMINISTRATOR if "staff" in access or Role.ADMINISTRATOR in access else access[0]


def as_reader(world: World, name: str) -> Visitor:
    """Return a browser in which this person is signed in."""
    visitor = Visitor(world.app)
    return visitor.sign_in(world.people[name], world.keys[name]) if name else visitor


def _fetch(world: World, rule: Rule, path: str, reader: str, weights: dict[str, int]) -> FoundPage | None:
    """Return a page as its reader gets it; ``weights`` keeps those of the files that pages share."""
    client = as_reader(world, reader).client
    client.get(path).close()  # what is kept between two requests is another page's cost
    with recorded_statements() as statements:
        answer = client.get(path)
    answer.close()
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return None
    files = _fetched(answer.text)
    weights |= {address: _weigh(client, address) for address in files - weights.keys()}
    return FoundPage(
        endpoint=rule.endpoint,
        path=path,
        reader=reader,
        side=side_of(path),
        statements=len(statements),
        weight=(weight := _on_the_wire(answer.data)),
        first_weight=weight + sum(weights[address] for address in files),
    )


def _record(world: World, rule: Rule) -> str:
    """Return what names a record to a generated screen that shows or changes one; "" for any other page."""
    name, _, view = rule.endpoint.partition(".")
    if view not in ONE_RECORD:
        return ""
    screens = {screen.endpoint: screen for screen in world.app.extensions["admin"][0]._views}
    model = getattr(screens.get(name), "model", None)
    if model is None:
        return ""
    with world.app.app_context():
        key = db.session.scalar(select(func.min(model.id)))
    return f"?id={key}" if key is not None else ""


def _fetched(html: str) -> set[str]:
    """Return the files of ours that a browser fetches for a page."""
    return {unescape(address) for address in FILE.findall(html)}


def _weigh(client: FlaskClient, address: str) -> int:
    with client.get(address) as answer:
        return len(answer.data) if ".woff2" in address else _on_the_wire(answer.data)


def _on_the_wire(data: bytes) -> int:
    return len(gzip.compress(data, 6))
