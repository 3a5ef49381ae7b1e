"""The search box: one place where a name, a code, a date of birth or a number is typed, for every kind of thing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

import domain.search.index  # noqa: F401 - keeps the words with every change
from domain import clock
from domain.actor import Role
from domain.search.found import Found, Hit, Kind
from domain.search.queries import find
from models.family import FamilyState
from views.access import access, current_actor
from views.admin.bases import CASHIERS, DESK, FIELD, OFFICE
from views.admin.words import tone, word
from views.extensions import db
from views.formats import euros, family_code, phone, short_day

bp = Blueprint("admin_search", __name__, url_prefix="/admin/recherche")
SUGGESTED = 10

# Whoever may open a screen finds what it shows.
READERS: dict[Kind, frozenset[Role]] = {
    Kind.FAMILY: OFFICE,
    Kind.GUARDIAN: OFFICE,
    Kind.CHILD: FIELD | OFFICE,
    Kind.INVOICE: OFFICE,
    Kind.PAYMENT: CASHIERS,
    Kind.PAYMENT_TRY: CASHIERS,
    Kind.REFUND: CASHIERS,
    Kind.MANDATE: CASHIERS,
    Kind.DEMARCHE: DESK,
}
GROUPS = {
    Kind.FAMILY: "Familles",
    Kind.GUARDIAN: "Adultes",
    Kind.CHILD: "Enfants",
    Kind.INVOICE: "Factures et avoirs",
    Kind.PAYMENT: "Paiements et quittances",
    Kind.PAYMENT_TRY: "Paiements par carte",
    Kind.REFUND: "Remboursements",
    Kind.MANDATE: "Mandats de prélèvement",
    Kind.DEMARCHE: "Démarches",
}
SCREENS = {
    Kind.FAMILY: "family",
    Kind.CHILD: "child",
    Kind.INVOICE: "invoice",
    Kind.PAYMENT: "payment",
    Kind.PAYMENT_TRY: "paymenttry",
    Kind.MANDATE: "sepamandate",
    Kind.DEMARCHE: "demarche",
}
LISTED = {Kind.FAMILY: "family", Kind.GUARDIAN: "guardian", Kind.CHILD: "child"}


@dataclass(frozen=True, slots=True)
class Line:
    """A thing found, in words: ``families`` are further links, when it is of files that the reader may open."""

    name: str
    href: str
    note: str
    state: str
    tone: str
    families: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The things of one kind; ``list_href`` leads to all of them when more are found than are shown."""

    name: str
    lines: list[Line]
    is_near: bool
    list_href: str


@bp.get("")
@access("staff")
def index() -> ResponseReturnValue:
    """Show what the text finds, by kind."""
    text = request.args.get("q", "").strip()
    found = _find(text)
    return render_template(
        "admin/search.html",
        text=text,
        groups=_groups(found),
        count=found.count,
        sees_families=_sees_families(),
    )


@bp.get("/suggestions")
@access("staff")
def suggestions() -> ResponseReturnValue:
    """Give the first things found, for the list under the box."""
    groups = _groups(_find(request.args.get("q", "").strip()))
    lines = [
        {"group": group.name, "name": line.name, "note": line.note, "href": line.href}
        for group in groups
        for line in group.lines
    ]
    return jsonify(lines[:SUGGESTED])


def _find(text: str) -> Found:
    roles = current_actor().roles
    kinds = [kind for kind, readers in READERS.items() if roles & readers]
    return find(db.session(), text, kinds=kinds, today=clock.today())


def _sees_families() -> bool:
    return bool(current_actor().roles & OFFICE)


def _groups(found: Found) -> list[Group]:
    sees_families = _sees_families()
    return [
        Group(
            GROUPS[kind],
            [_line(hit, sees_families) for hit in hits],
            kind in found.near,
            url_for(f"{LISTED[kind]}.index_view", search=found.sought.text) if kind in found.more else "",
        )
        for kind, hits in found.hits.items()
    ]


def _line(hit: Hit, sees_families: bool) -> Line:
    families = tuple(
        (_family_words(name, code), url_for("family.details_view", id=family_id))
        for family_id, name, code in (hit.families if sees_families else ())
    )
    screen = SCREENS.get(hit.kind)
    href = url_for(f"{screen}.details_view", id=hit.id) if screen else families[0][1]
    parts = [part for part in NOTES.get(hit.kind, _money)(hit) if part]
    # That a file is open goes without saying.
    state = "" if hit.state == FamilyState.VALIDATED.value else hit.state
    return Line(hit.name, href, " · ".join(parts), word(state) if state else "", tone(state), families)


def _family_words(name: str, code: str | None) -> str:
    written = f"{name} ({family_code(code)})" if code else name
    return _("Famille %(name)s", name=written)


def _family(hit: Hit) -> tuple[str, ...]:
    return (family_code(hit.code), hit.address, ", ".join(hit.people))


def _adult(hit: Hit) -> tuple[str, ...]:
    return (phone(hit.phone), hit.email)


def _child(hit: Hit) -> tuple[str, ...]:
    born = _("né(e) le %(day)s", day=short_day(hit.born_on)) if hit.born_on else ""
    return (born, hit.school)


def _money(hit: Hit) -> tuple[str, ...]:
    return (euros(hit.amount_cents) if hit.amount_cents is not None else "",)


NOTES: dict[Kind, Callable[[Hit], tuple[Any, ...]]] = {
    Kind.FAMILY: _family,
    Kind.GUARDIAN: _adult,
    Kind.CHILD: _child,
}
