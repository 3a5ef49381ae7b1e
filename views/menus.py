"""Where the citizens' pages lead: the menu, the foot of each page, and below them what the site map adds.

The menu, the foot and the site map are drawn from here alone, so that the map cannot name a page that a menu does
not lead to, nor leave one out; a test opens every link of it, and asks for every page of the map of addresses.
"""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import lazy_gettext as _l

from domain.actor import Role
from views.access import current_actor

Words = Any  # of lazy_gettext, which has no type of its own


@dataclass(frozen=True, slots=True)
class Place:
    """A page that has a link of its own.

    Args:
        lang: of the name, where it is another than the page's.
    """

    endpoint: str
    name: Words
    arguments: dict[str, Any] = field(default_factory=dict)
    lang: str | None = None

    @property
    def href(self) -> str:
        """The page's address."""
        return url_for(self.endpoint, **self.arguments)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a parent's menu, with the pages below it.

    Args:
        key: what a page calls it to be marked as its own.
        prefix: said before the word where there is room: "Ma famille", on a telephone "Famille".
        of_child: pages that each child has; ``child_id`` is added.
    """

    key: str
    endpoint: str
    drawing: str
    word: Words
    prefix: Words = ""
    below: tuple[Place, ...] = ()
    of_child: tuple[Place, ...] = ()


ACCOUNT = Entry(
    "account",
    "parent.account",
    "user-round",
    _l("compte"),
    _l("Mon"),
    (
        Place("parent.account_phone", _l("Mes numéros de téléphone")),
        Place("parent.account_email", _l("Mon adresse e-mail")),
        Place("security.change_password", _l("Changer de mot de passe")),
        Place("account_security.index", _l("Sécurité de mon compte")),
        Place("parent.account_invoices", _l("Recevoir mes factures")),
        Place("parent.direct_debit", _l("Prélèvement automatique")),
        Place("parent.agenda", _l("Agenda et rappels")),
        Place("parent.my_data", _l("Mes données personnelles")),
        Place("parent.data_ask", _l("Télécharger mes données")),
        Place("parent.data_rights", _l("Demander une correction ou un effacement")),
    ),
)
FAMILY = (
    Entry("home", "parent.home", "house", _l("Accueil")),
    Entry(
        "reservations",
        "parent.reservations",
        "calendar-days",
        _l("Réservations"),
        below=(Place("parent.wishes", _l("Vœux")),),
        of_child=(
            Place("parent.month", _l("Réservations du mois")),
            Place("parent.week_pattern", _l("Semaine type")),
            Place("parent.absences", _l("Absences")),
            Place("parent.registrations", _l("Inscriptions aux activités")),
        ),
    ),
    Entry(
        "invoices",
        "parent.invoices",
        "receipt-euro",
        _l("Factures"),
        below=(
            Place("parent.statements", _l("Attestations et relevé de compte")),
            Place("parent.account_statement", _l("Relevé de compte")),
        ),
        of_child=(Place("parent.attendance", _l("Attestation de présence")),),
    ),
    Entry(
        "family",
        "parent.family",
        "users",
        _l("famille"),
        _l("Ma"),
        (
            Place("parent.address", _l("Signaler un déménagement")),
            Place("parent.documents", _l("Mes documents")),
            Place("parent.requests", _l("Mes demandes")),
            Place("parent.school", _l("École et inscription scolaire")),
        ),
    ),
    ACCOUNT,
)
HELP = Entry("help", "guides.index", "circle-question-mark", _l("Aide"))
# Whose file is not validated yet declares it, and may do little else.
DECLARING = (
    Entry("declaration", "parent.declaration", "users", _l("déclaration"), _l("Ma")),
    Entry("account", "parent.account", "user-round", _l("compte"), _l("Mon"), ACCOUNT.below[2:4]),
    HELP,
)
FOOT = (
    Place("guides.index", _l("Aide")),
    Place("public.contact", _l("Horaires et contact")),
    Place("public.site_map", _l("Plan du site")),
    Place("public.legal", _l("Mentions légales")),
    Place("public.privacy", _l("Données personnelles")),
)
# Beside the foot's, which every page has.
VISITORS = (
    Place("public.home", _l("Page d’accueil")),
    Place("security.login", _l("Me connecter")),
    Place("security.forgot_password", _l("Mot de passe ou code famille oublié")),
    Place("activation.start", _l("Activer mon accès")),
    Place("signup.start", _l("Créer un compte")),
    Place("security.send_confirmation", _l("Recevoir de nouveau le lien de confirmation")),
)
ABOUT = (
    Place("public.how_it_works", _l("Comment ça marche")),
    Place("public.family_code", _l("Obtenir mon code famille")),
    Place("guides.documents", _l("Documents à télécharger")),
)
STAFF = (
    Place("admin.index", _l("Espace agents")),
    Place("roll_call.sites", _l("Pointage")),
    Place("account_security.index", _l("Sécurité de mon compte")),
)


def main_menu() -> tuple[Entry, ...]:
    """Return the menu of the parent who is signed in."""
    return FAMILY if current_actor().family_ids else DECLARING


def may_open(place: Place) -> bool:
    """Whether the person who is signed in may open a page, by the roles that it lets in."""
    allowed = getattr(current_app.view_functions[place.endpoint], "access", None)
    if allowed is None or "public" in allowed:
        return True
    roles = current_actor().roles
    return bool(roles & {Role(name) for name in allowed if name != "staff"}) or (
        "staff" in allowed and current_actor().is_staff
    )


def init_menus(app: Flask) -> None:
    """Give the templates the menu and the foot."""

    @app.context_processor
    def menus() -> dict[str, object]:
        return {"main_menu": main_menu, "foot_places": FOOT}
