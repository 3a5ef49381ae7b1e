"""What the pages of the declaration share: whose it is, whether it may be changed, what its tasks are called."""

from dataclasses import dataclass
from typing import NoReturn

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _

from domain import clock
from domain.family.declaration import (
    Declaration,
    Progress,
    Task,
    TaskState,
    find_declaration,
    read_declaration,
    task_states,
)
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Child, TrustedPerson
from views.access import current_actor
from views.extensions import db


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as its list shows it."""

    name: str
    note: str
    href: str
    state: str


def user_id() -> int:
    """Return the account that is signed in."""
    return current_actor().user_id or 0


def my_declaration() -> Declaration | None:
    """Return the signed-in parent's declaration, or None."""
    demarche = find_declaration(db.session(), user_id())
    return None if demarche is None else read_declaration(db.session(), demarche, clock.today())


def declaration_to_edit(*, begun: bool = True) -> Declaration:
    """Return the declaration to write into; send whoever has none, or may not change it, where they belong.

    Args:
        begun: the first task must be done.
    """
    found = my_declaration()
    if found is None:
        if current_actor().family_ids:
            _go(url_for("parent.home"))
        found = Declaration(_blank(), None)
    if not found.is_editable:
        _go(url_for("parent.declaration"))
    if begun and found.sheet is None:
        flash(_("Commencez par vos coordonnées et votre adresse."), "info")
        _go(url_for("parent.declaration_self"))
    return found


def _blank() -> Demarche:
    """Return a declaration that nobody has begun; it is kept with the first task."""
    return Demarche(kind=DemarcheKind.FAMILY_DECLARATION, state=DemarcheState.DRAFT, answers={})


def _go(address: str) -> NoReturn:
    abort(redirect(address))


def declared_child_or_404(child_id: int) -> tuple[Declaration, Child]:
    """Return a child of one's own declaration, which must be open to changes."""
    found = my_declaration()
    child = next((one for one in found.children if one.id == child_id), None) if found else None
    if child is None:
        abort(404)
    return declaration_to_edit(), child


def trusted_person_or_404(trusted_id: int) -> TrustedPerson:
    """Return a trusted person of one's own declaration, which must be open to changes."""
    found = my_declaration()
    people = found.sheet.trusted if found and found.sheet else []
    person = next((one for one in people if one.id == trusted_id), None)
    if person is None:
        abort(404)
    declaration_to_edit()
    return person


def tasks_of(declaration: Declaration) -> list[TaskState]:
    """Return the tasks of the declaration, as this parent sees them."""
    return task_states(db.session(), declaration, user_id=user_id(), today=clock.today())


def task_rows(tasks: list[TaskState]) -> list[TaskRow]:
    """Return the tasks in words, each with the address of its page."""
    return [_row(one) for one in tasks]


def _row(one: TaskState) -> TaskRow:
    name, note, href = _words(one)
    return TaskRow(name, note, href, one.progress.value)


def _words(one: TaskState) -> tuple[str, str, str]:
    child = one.child
    if one.task is Task.SELF:
        return _("Mes coordonnées et mon adresse"), "", url_for("parent.declaration_self")
    if one.task is Task.OTHER_PARENT:
        return _("L’autre parent"), "", url_for("parent.declaration_other_parent")
    if one.task is Task.CHILD and child is None:
        return _("Mes enfants"), _("Au moins un enfant"), url_for("parent.declaration_child_new")
    if one.task is Task.CHILD and child is not None:
        href = url_for("parent.declaration_child", declared_child_id=child.id)
        return _("%(child)s : identité", child=first_name(child)), "", href
    if one.task is Task.CARE and child is not None:
        href = url_for("parent.declaration_care", declared_child_id=child.id)
        note = _("Classe, repas, santé, autorisations")
        return _("%(child)s : à l’école et dans les accueils", child=first_name(child)), note, href
    if one.task is Task.TRUSTED:
        note = _("Qui vient chercher, qui prévenir en urgence")
        return _("Personnes de confiance"), note, url_for("parent.declaration_trusted")
    note = "" if one.progress is Progress.DONE else _("Celles que vos réponses demandent")
    return _("Pièces justificatives"), note, url_for("parent.declaration_documents_page")


def first_name(child: Child) -> str:
    """Return what a child is called by its family."""
    return child.given_name or child.family_name
