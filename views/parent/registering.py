"""A parent registers a child to activities: which ones, then documents and règlement; what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.documents.needs import NeededDocument
from domain.errors import Refusal
from domain.reservations.facts import ChildSheet, child_sheet
from domain.reservations.opening import (
    Regulation,
    register_child,
    registrable_activities,
    regulations_of,
)
from domain.reservations.queries import HomeChild
from domain.reservations.registrations import (
    RegistrationSheet,
    accept_regulation,
    family_registrations,
    find_registration,
    registration_documents,
    withdraw_registration,
)
from models.activities import RegistrationState
from views.access import access, current_actor, current_family_id, may_see_child
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.mailing import absolute, tell_family
from views.parent.blueprint import bp
from views.words import marked

CHILD = "/enfants/<int:child_id>/inscriptions"
ONE = "/inscriptions/<int:registration_id>"


@dataclass(frozen=True, slots=True)
class Asked:
    """A child and the activities asked for it, with what they ask in return."""

    child: ChildSheet
    activity_ids: list[int]
    names: list[str]
    documents: list[NeededDocument]
    regulations: list[Regulation]

    @property
    def missing(self) -> list[NeededDocument]:
        """The documents without which the request cannot be sent."""
        return [need for need in self.documents if need.is_blocking and not need.is_given]


@bp.get(CHILD)
@access("parent")
def registrations(child_id: int) -> ResponseReturnValue:
    """Show where each inscription of a child stands, and the activities that may be asked for."""
    return _list_page(_child_or_404(child_id))


def _child_or_404(child_id: int) -> ChildSheet:
    sheet = child_sheet(db.session(), child_id=child_id, family_id=current_family_id(), on=clock.today())
    if sheet is None:
        abort(404)
    return sheet


def _list_page(child: ChildSheet, error: str = "") -> tuple[str, int]:
    page = render_template(
        "parent/registrations.html",
        child=child,
        held=family_registrations(db.session(), family_id=child.family_id, child_id=child.child_id),
        offered=registrable_activities(db.session(), child, clock.today()),
        error=error,
    )
    return page, 422 if error else 200


@bp.route(f"{CHILD}/demande", methods=["GET", "POST"])
@access("parent")
def registration_request(child_id: int) -> ResponseReturnValue:
    """Show the documents and the règlement of the activities chosen; send the request."""
    child = _child_or_404(child_id)
    asked = _asked(child)
    if not asked.activity_ids:
        return _list_page(child, _("Cochez au moins une activité."))
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _errors(asked)
        if not errors:
            return _register(asked)
    page = render_template(
        "parent/registration_request.html", asked=asked, errors=errors, here=request.full_path
    )
    return page, 422 if errors else 200


def _asked(child: ChildSheet) -> Asked:
    """Read the activities from the address; what this child cannot be registered to is left out."""
    ticked = set(request.args.getlist("activities"))
    chosen = [
        one for one in registrable_activities(db.session(), child, clock.today()) if str(one.id) in ticked
    ]
    ids = [one.id for one in chosen]
    return Asked(
        child=child,
        activity_ids=ids,
        names=[one.name for one in chosen],
        documents=registration_documents(
            db.session(),
            family_id=child.family_id,
            child_id=child.child_id,
            activity_ids=ids,
            today=clock.today(),
        ),
        regulations=regulations_of(db.session(), ids),
    )


def _errors(asked: Asked) -> dict[str, str]:
    errors = {}
    if asked.missing:
        names = list(dict.fromkeys(need.type_name for need in asked.missing))
        errors["documents"] = marked(_("Ajoutez d’abord : %(names)s.", names=", ".join(names)), names)
    if asked.regulations and not request.form.get("accepts"):
        errors["accepts"] = _("Cochez cette case pour accepter le règlement.")
    return errors


def _register(asked: Asked) -> ResponseReturnValue:
    """Ask for all of it in one transaction, and tell the family what is open and what waits."""
    made: dict[RegistrationState, list[str]] = {
        RegistrationState.VALIDATED: [], RegistrationState.REQUESTED: []
    }  # fmt: skip
    child, now = asked.child, clock.now()
    for activity_id, name in zip(asked.activity_ids, asked.names, strict=True):
        try:
            registration = register_child(
                db.session(),
                actor=current_actor(),
                now=now,
                child_id=child.child_id,
                family_id=child.family_id,
                activity_id=activity_id,
                read_version=request.form.get(f"version-{activity_id}", type=int),
            )
        except Refusal as refusal:
            db.session.rollback()
            flash(refusal_sentence(refusal), "error")
            return redirect(request.full_path)
        made[registration.state].append(name)
    validated, waiting = made[RegistrationState.VALIDATED], made[RegistrationState.REQUESTED]
    tell_family(
        "registration_asked",
        child.family_id,
        about=[child.child_id],
        child_name=child.given_name or child.family_name,
        validated=validated,
        waiting=waiting,
        url=absolute("parent.registrations", child_id=child.child_id),
    )
    db.session.commit()
    if not waiting:
        flash(_("L’inscription est enregistrée. Vous pouvez réserver."), "success")
        return redirect(url_for(".month", child_id=child.child_id))
    flash(_("La demande est envoyée. Le service vous répond par e-mail."), "success")
    return redirect(url_for(".registrations", child_id=child.child_id))


def _own_or_404(registration_id: int) -> RegistrationSheet:
    sheet = find_registration(db.session(), registration_id)
    if (
        sheet is None
        or sheet.family_id not in current_actor().family_ids
        or not may_see_child(sheet.child_id)
    ):
        abort(404)
    return sheet


@bp.route(f"{ONE}/reglement", methods=["GET", "POST"])
@access("parent")
def registration_regulation(registration_id: int) -> ResponseReturnValue:
    """Show the règlement in force; accept it when it has changed since the inscription."""
    sheet = _own_or_404(registration_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/registration_regulation.html", sheet=sheet)
    try:
        accept_regulation(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            registration_id=registration_id,
            read_version=request.form.get("version", default=0, type=int),
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".registration_regulation", registration_id=registration_id))
    db.session.commit()
    thanks = _("Merci : vous avez accepté le règlement de « %(name)s ».", name=sheet.activity_name)
    flash(marked(thanks, [sheet.activity_name]), "success")
    return redirect(url_for(".registrations", child_id=sheet.child_id))


@bp.route(f"{ONE}/retirer", methods=["GET", "POST"])
@access("parent")
def registration_withdraw(registration_id: int) -> ResponseReturnValue:
    """Ask, then take the request back while it waits."""
    sheet = _own_or_404(registration_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/registration_withdraw.html", sheet=sheet)
    try:
        withdraw_registration(
            db.session(), actor=current_actor(), now=clock.now(), registration_id=registration_id
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
    else:
        db.session.commit()
        flash(_("Votre demande est retirée. Vous pouvez en faire une autre."), "success")
    return redirect(url_for(".registrations", child_id=sheet.child_id))


def registration_items(
    family_id: int, children: Sequence[HomeChild], registered: Mapping[int, list[int]]
) -> list[dict[str, str]]:
    """Return what the home says of inscriptions: a newer règlement to read, what waits, who has none.

    Args:
        registered: the activities to which each child is registered, by child.
    """
    shown = {child.id for child in children}
    sheets = [one for one in family_registrations(db.session(), family_id=family_id) if one.child_id in shown]
    waiting = {one.child_id for one in sheets if one.is_waiting}
    items = [
        {
            "text": marked(
                _("Le règlement de « %(activity)s » a changé", activity=one.activity_name),
                [one.activity_name],
            ),
            "note": _("Pour %(child)s : à lire et à accepter.", child=one.given_name),
            "href": url_for("parent.registration_regulation", registration_id=one.id),
            "action": _("Lire"),
            "tone": "warning",
            "drawing": "file-text",
        }
        for one in sheets
        if one.has_newer_regulation
    ]
    for child in children:
        item = {
            "href": url_for("parent.registrations", child_id=child.id),
            "drawing": "calendar-days",
        }
        if child.id in waiting:
            items.append(item | {
                "text": _("Inscription de %(child)s en cours d’examen", child=child.given_name),
                "note": _("Vous recevrez la réponse par e-mail."),
                "action": _("Voir"),
                "tone": "neutral",
            })  # fmt: skip
        elif child.school and not registered.get(child.id):
            items.append(item | {
                "text": _("Inscrire %(child)s aux activités de son école", child=child.given_name),
                "note": _("L’inscription ouvre le droit de réserver."),
                "action": _("Inscrire"),
                "tone": "info",
            })  # fmt: skip
    return items
