"""The guides as pages show them: for whom each is, and where its links lead."""

from dataclasses import dataclass
from functools import lru_cache

from flask import url_for
from flask_babel import gettext as _

from domain.actor import Role
from domain.guides.rules import Found, Guide, GuidePage, search_guides
from gateways.guides import read_guide

PARENTS = "parents"
# The staff's guides in the order in which they are shown, each with those who may read it.
READERS = {
    "agents": ("administrator", "school_agent"),
    "regisseur": ("administrator", "regisseur"),
    "animateur": ("administrator", "school_agent", "activity_leader"),
    "installation": ("administrator",),
}


@dataclass(frozen=True, slots=True)
class GuideName:
    """What a guide is called, and what it is for."""

    key: str
    title: str
    about: str


class PortalLinks:
    """Links between pages of the portal itself."""

    def page(self, guide: str, slug: str, anchor: str) -> str:
        """Return the address of a page of a guide."""
        return guide_url(guide, slug, anchor)

    def place(self, path: str) -> str:
        """Return a page of the portal as it is."""
        return path

    def picture(self, name: str) -> str:
        """Return the address of a picture."""
        return url_for("static", filename=f"guides/{name}")


def guide_url(guide: str, slug: str, anchor: str = "") -> str:
    """Return the address of a page of a guide, in the portal or in the back office."""
    if guide == PARENTS:
        return url_for("guides.page", slug=slug, _anchor=anchor or None)
    return url_for(f"admin_guides.{guide}", slug=slug, _anchor=anchor or None)


def found_url(found: Found) -> str:
    """Return the address of a section that a search found."""
    return guide_url(found.guide, found.page.slug, found.anchor)


@lru_cache(maxsize=8)
def kept_guide(key: str) -> Guide:
    """Return a guide, read once by each process."""
    return read_guide(key, PortalLinks())


def guide_names(roles: frozenset[Role]) -> list[GuideName]:
    """Return the guides that people of these roles may read, their own before the families'."""
    names = {
        PARENTS: GuideName(PARENTS, _("Guide des familles"), _("Ce que les parents voient et font.")),
        "agents": GuideName("agents", _("Guide des agents"), _("Dossiers, pièces, inscriptions, absences.")),
        "regisseur": GuideName("regisseur", _("Guide de la régie"), _("Le mois, le guichet, les comptes.")),
        "animateur": GuideName("animateur", _("Guide de l’animation"), _("L’appel et les effectifs.")),
        "installation": GuideName(
            "installation", _("Guide d’installation"), _("Installer, régler, sauvegarder, mettre à jour.")
        ),
    }
    allowed = [key for key, readers in READERS.items() if roles & {Role(name) for name in readers}]
    return [names[key] for key in (*allowed, PARENTS)]


def search(names: list[GuideName], query: str) -> list[Found]:
    """Return what the guides of these names say on a subject, the best first."""
    return search_guides([kept_guide(name.key) for name in names], query)


def find_page(key: str, slug: str) -> tuple[GuidePage, GuidePage | None, GuidePage | None] | None:
    """Return a page of a guide with the one before and the one after; None if there is no such page."""
    pages = kept_guide(key).pages
    for place, page in enumerate(pages):
        if page.slug == slug:
            before = pages[place - 1] if place else None
            after = pages[place + 1] if place + 1 < len(pages) else None
            return page, before, after
    return None
