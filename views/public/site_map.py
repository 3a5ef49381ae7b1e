"""The site map: every page that has a link of its own, for whoever reads it (RGAA 12.1)."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.actor import Role
from domain.direct_debits.mandates import offers_direct_debit
from domain.reservations.queries import family_children
from views.access import access, current_actor, current_family_id, visible_children
from views.extensions import db
from views.guides import PARENTS, kept_guide
from views.languages import FRENCH
from views.menus import ABOUT, FOOT, STAFF, VISITORS, Entry, Place, main_menu, may_open
from views.public.pages import bp


@dataclass(frozen=True, slots=True)
class Branch:
    """Pages under a heading.

    Args:
        head: the page that the heading itself leads to, where there is one; ``title`` serves where there is none.
        children: the pages that each child has, under the child's name.
    """

    places: list[Place]
    title: str = ""
    head: Place | None = None
    children: tuple[tuple[str, list[Place]], ...] = ()


@bp.get("/plan-du-site")
@access("public")
def site_map() -> ResponseReturnValue:
    """Show where everything is: one's own pages first, then those of everybody."""
    is_in = current_user.is_authenticated
    is_parent = is_in and Role.PARENT in current_actor().roles
    branches = [_branch(entry) for entry in main_menu() if entry.key != "help"] if is_parent else []
    if is_in and current_actor().is_staff:
        branches.append(Branch([one for one in STAFF if may_open(one)], _("Service")))
    if not is_in:
        branches.append(Branch(list(VISITORS), _("Entrer dans le portail")))
    branches.append(Branch(_public_places(), _("Le service et le portail")))
    branches.append(Branch(_help_places(), head=FOOT[0]))
    layout = "layouts/citizen.html" if is_parent else "layouts/public.html"
    return render_template("public/site_map.html", branches=branches, layout=layout)


def _branch(entry: Entry) -> Branch:
    """Return a menu's entry with what is below it, for the family that is looked at."""
    title = " ".join(str(part) for part in (entry.prefix, entry.word) if part)
    children = _children() if entry.of_child else []
    return Branch(
        list(filter(_is_offered, entry.below)),
        head=Place(entry.endpoint, title),
        children=tuple(
            (name, [Place(one.endpoint, one.name, {"child_id": child_id}) for one in entry.of_child])
            for child_id, name in children
        ),
    )


def _is_offered(place: Place) -> bool:
    return place.endpoint != "parent.direct_debit" or offers_direct_debit(db.session())


def _children() -> list[tuple[int, str]]:
    rows = family_children(db.session(), family_id=current_family_id(), today=clock.today())
    return [(child.id, child.full_name) for child in visible_children(rows)]


def _public_places() -> list[Place]:
    return [*ABOUT, *(place for place in FOOT if place.endpoint != "guides.index"), _statement()]


def _statement() -> Place:
    return Place("public.accessibility", _("Déclaration d’accessibilité"))


def _help_places() -> list[Place]:
    """Return the guide's pages, under their French titles in any language."""
    pages = kept_guide(PARENTS).pages
    return [Place("guides.page", page.title, {"slug": page.slug}, lang=FRENCH) for page in pages]
