"""The side menu: what this person may open, in groups."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, get_flashed_messages, has_request_context, request, url_for
from flask_admin import Admin
from flask_security import current_user

from domain.actor import Role
from views.access import current_actor
from views.admin.bases import CASHIERS, DESK, OFFICE
from views.admin.guides import guide_href
from views.admin.keys import KEYS
from views.admin.words import SAID, act, tone, word
from views.formats import typographic


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the menu."""

    name: str
    href: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Links under one title; open when the page is one of them."""

    name: str
    entries: list[Entry]

    @property
    def is_here(self) -> bool:
        """Whether the page is in this group."""
        return any(entry.is_here for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the menu, whatever page shows it."""

    name: str
    href: str
    blueprint: str


@dataclass(frozen=True, slots=True)
class HandWritten:
    """A page that Flask-Admin does not know: where the menu shows it, and to whom."""

    group: str
    place: int
    name: str
    blueprint: str
    roles: frozenset[Role]


HAND_WRITTEN = (
    HandWritten("Familles", 0, "Déclarations à valider", "admin_declarations", DESK),
    HandWritten("Familles", 0, "Pièces à vérifier", "admin_documents", DESK),
    HandWritten("Familles", 98, "Fiches en double", "admin_merging", DESK),
    HandWritten("Familles", 99, "Importer des familles", "admin_imports", DESK),
    HandWritten("Familles", 0, "Inscriptions scolaires", "admin_enrolments", DESK),
    HandWritten("Familles", 100, "Carte scolaire", "admin_sectors", DESK),
    HandWritten("Activités", 0, "Absences à traiter", "admin_absences", DESK),
    HandWritten("Activités", 0, "Inscriptions à traiter", "admin_registrations", DESK),
    HandWritten("Activités", 1, "Grève, sortie, fermeture", "admin_events", DESK),
    HandWritten("Activités", 2, "Campagnes de vœux", "admin_wishes", DESK),
    HandWritten("Activités", 2, "Repas et encadrement", "admin_headcount", DESK | {Role.ACTIVITY_LEADER}),
    HandWritten("Suivi", 0, "Travaux en cours", "admin_jobs", OFFICE),
    HandWritten("Suivi", 0, "Statistiques", "admin_statistics", OFFICE),
    HandWritten("Facturation", 0, "Guichet", "admin_till", CASHIERS),
    HandWritten("Facturation", 0, "Virements", "admin_transfers", CASHIERS),
    HandWritten("Facturation", 0, "Journal et rapprochement", "admin_books", CASHIERS),
    HandWritten("Facturation", 0, "Prélèvements", "admin_debits", CASHIERS),
    HandWritten("Facturation", 0, "Paiements à vérifier", "admin_alerts", CASHIERS),
    HandWritten("Réglages", 1, "Logo", "admin_logo", frozenset({Role.ADMINISTRATOR})),
    HandWritten("Tarifs", 0, "Simulations", "admin_simulations", CASHIERS),
    HandWritten("Tarifs", 0, "Grilles tarifaires", "admin_tariffs", OFFICE),
    HandWritten("Suivi", 0, "Données personnelles", "admin_data_rights", DESK),
    HandWritten("Suivi", 0, "Conservation des données", "admin_retention", frozenset({Role.ADMINISTRATOR})),
    HandWritten("Calendrier", 0, "L’année scolaire", "admin_year", DESK),
    HandWritten("Facturation", 0, "Facturation du mois", "admin_invoicing", CASHIERS),
    HandWritten("Facturation", 2, "Attestations fiscales", "admin_statements", OFFICE),
    HandWritten("Facturation", 1, "Lignes contestées", "admin_corrections", CASHIERS),
    HandWritten("Facturation", 2, "Relances", "admin_reminders", CASHIERS),
    HandWritten("Facturation", 3, "Trésor public", "admin_handovers", CASHIERS),
)


def init_menu(app: Flask, admin: Admin) -> None:
    """Give the back office's templates their menu and words."""
    # Every page shows the menu, which is the same for all who have the same roles.
    drawn: dict[tuple[str, frozenset[Role]], list[tuple[str, list[Link]]]] = {}

    @app.context_processor
    def back_office() -> dict[str, Any]:
        if not has_request_context() or not request.path.startswith("/admin"):
            return {}
        asked = request.root_path, current_actor().roles
        if asked not in drawn:
            drawn[asked] = _links(admin, current_actor().roles)
        return {
            "menu_groups": [_group(name, links, request.blueprint) for name, links in drawn[asked]],
            "word": word,
            "tone": tone,
            "act": act,
            "messages": messages,
            "guide_href": guide_href(),
            "shortcut_keys": KEYS,
            "uses_shortcuts": current_user.is_authenticated and current_user.uses_shortcuts,
        }


def _links(admin: Admin, roles: frozenset[Role]) -> list[tuple[str, list[Link]]]:
    """Return the groups that somebody of these roles may open, each with its links."""
    by_group: dict[str, list[Link]] = {}
    for view in admin._views:
        if view.category and view.readers & roles:
            link = Link(view.name, url_for(f"{view.endpoint}.index_view"), view.endpoint)
            by_group.setdefault(view.category, []).append(link)
    for page in HAND_WRITTEN:
        if roles & page.roles and page.group in by_group:
            link = Link(page.name, url_for(f"{page.blueprint}.index"), page.blueprint)
            by_group[page.group].insert(page.place, link)
    return list(by_group.items())


def _group(name: str, links: list[Link], here: str | None) -> Group:
    return Group(name, [Entry(link.name, link.href, link.blueprint == here) for link in links])


def messages() -> list[tuple[str, str]]:
    """Return what is to be said on this page: tone and words, all in French."""
    tones = {"danger": "error", "message": "info"}
    return [
        (tones.get(kind, kind), typographic(SAID.get(text, text)))
        for kind, text in get_flashed_messages(with_categories=True)
    ]
