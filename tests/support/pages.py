"""A visitor without JavaScript, who looks hard at every page."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from domain import clock
from domain.accounts.sessions import begin_session
from models.accounts import User
from tests.support.page_checks import read_page, text_of

BROWSER_KEY = "browser_key"  # views.sessions.KEY
UNTYPED = {"submit", "button", "image", "reset"}


@dataclass
class Page:
    """An HTML page that has passed the checks.

    Args:
        response: the answer it came in.
        root: its parsed tree, without namespaces.
        path: where it was found, after redirections.
    """

    response: TestResponse
    root: Element
    path: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def title(self) -> str:
        """The words of its h1."""
        return text_of(self.all("h1")[0])

    @property
    def text(self) -> str:
        """All words of `main`, single-spaced; no-break spaces become spaces."""
        return text_of(self.all("main")[0])

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements of this tag with these attributes (``class_`` stands for class)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.root.iter(tag)
            if all(element.get(name) == value for name, value in wanted.items())
        ]

    def links(self) -> dict[str, str]:
        """Return the address of each link by its words."""
        return {text_of(link): link.get("href", "") for link in self.all("a")}

    def form(self, action: str = "") -> Element:
        """Return the page's form: the one in `main`, or the one whose action ends so.

        Raises:
            AssertionError: there is none, or several.
        """
        forms = self.all("main")[0].findall(".//form")
        if action:
            forms = [form for form in self.all("form") if (form.get("action") or "").endswith(action)]
        assert len(forms) == 1, f"{len(forms)} forms ending with {action!r} on {self.path}"
        return forms[0]


@dataclass
class Visitor:
    """A person with a browser that has no JavaScript.

    Args:
        app: the portal to visit.
    """

    app: Flask
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def sign_in(self, user: User, key: str = "") -> "Visitor":
        """Become this user, as if the password had just been given; the sign-in page has its own tests.

        Args:
            key: of a browser that is signed in already; without it one is noted in the database.
        """
        key = key or sign_in_row(self.app, user)
        with self.client.session_transaction() as cookies:
            cookies |= {
                "_user_id": user.fs_uniquifier,
                "_fresh": True,
                "_permanent": True,
                "fs_cc": "set",
                "fs_paa": time.time(),
                BROWSER_KEY: key,
            }
        return self

    def get(self, path: str, *, status: int = 200) -> Page:
        """Open a page, following redirections, and check it."""
        return self._read(self.client.get(path, follow_redirects=True), status)

    def submit(
        self,
        page: Page,
        fields: Mapping[str, Any] | None = None,
        *,
        action: str = "",
        button: str = "",
        status: int = 200,
    ) -> Page:
        """Fill in and send a form as a browser would, with what the page had put in it, and check the answer.

        Args:
            page: the page that shows the form.
            fields: what to write, by field name; a list ticks several boxes, None clears a field.
            action: the end of the form's address, when the page has several.
            button: the ``name=value`` of the button pressed, when the server asks which one.
            status: the answer expected.
        """
        return self._read(self.post(page, fields, action=action, button=button, follow=True), status)

    def post(
        self,
        page: Page,
        fields: Mapping[str, Any] | None = None,
        *,
        action: str = "",
        button: str = "",
        follow: bool = False,
    ) -> TestResponse:
        """Send a form as ``submit`` does, and return the bare answer: for downloads and redirections."""
        form = page.form(action)
        values = form_values(form)
        unknown = set(fields or {}) - _names(form)
        assert not unknown, f"The form of {page.path} has no field {sorted(unknown)}"
        for name, value in (fields or {}).items():
            values.pop(name, None)
            if value is not None:
                values[name] = value
        if button:
            name, _, value = button.partition("=")
            values[name] = value
        target = urljoin(page.path, form.get("action") or page.path)
        if (form.get("method") or "get").lower() == "get":
            answer: TestResponse = self.client.get(target, query_string=values, follow_redirects=follow)
        else:
            answer = self.client.post(target, data=values, follow_redirects=follow)
        return answer

    def _read(self, response: TestResponse, status: int) -> Page:
        path = urlsplit(response.request.url).path
        assert response.status_code == status, f"{path} answered {response.status_code}, not {status}"
        return Page(response=response, root=read_page(response.text, path), path=path)


def sign_in_row(app: Flask, user: User) -> str:
    """Note a signed-in browser of a user who is in the database; return its key."""
    # Here, and not above: a test of pure rules has no need of the whole portal.
    from views.extensions import db

    with app.app_context(), Session(db.engine) as session:
        key = begin_session(session, now=clock.now(), user_id=user.id, ip="", browser="")
        session.commit()
    return key


def form_values(form: Element) -> dict[str, Any]:
    """Return what a browser would send of a form that nobody touched."""
    values: dict[str, Any] = {}
    for element in form.iter():
        name = element.get("name")
        if not name or element.get("disabled") is not None:
            continue
        for value in _values_of(element):
            values[name] = [*values[name], value] if name in values else [value]
    return values


def _values_of(element: Element) -> list[str]:
    kind = element.get("type", "text")
    if element.tag == "input" and kind in ("checkbox", "radio"):
        return [element.get("value", "on")] if element.get("checked") is not None else []
    if element.tag == "input" and kind not in UNTYPED | {"file"}:
        return [element.get("value", "")]
    if element.tag == "textarea":
        return ["".join(element.itertext())]
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None]
        if not chosen and element.get("multiple") is None:
            chosen = options[:1]
        return [option.get("value", text_of(option)) for option in chosen]
    return []


def _names(form: Element) -> set[str]:
    return {name for element in form.iter() if (name := element.get("name"))}
