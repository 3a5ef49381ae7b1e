"""A place that was freed: the family that waits takes it, or lets the next in line have it."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.access import hidden_children
from domain.errors import Refusal
from domain.reservations.queries import open_offers
from domain.reservations.waiting import find_offer, leave_waiting_list, take_offer
from models.reservations import WaitingEntry, WaitingState
from views.access import access, current_actor, current_family_id
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import day_of_month, moment
from views.forms.confirm import ConfirmForm
from views.parent.blueprint import bp
from views.words import marked


@dataclass(frozen=True, slots=True)
class OfferPage:
    """What the page of an offer shows."""

    entry_id: int
    child_id: int
    child_name: str
    activity_name: str
    day: date
    expires_at: datetime
    is_open: bool
    is_taken: bool


def _offer_or_404(entry_id: int) -> OfferPage:
    entry = db.session.get(WaitingEntry, entry_id)
    if entry is None or entry.family_id != current_family_id():
        abort(404)
    if entry.child_id in hidden_children(current_actor(), entry.family_id):
        abort(404)
    offer = find_offer(db.session(), entry_id=entry_id)
    if offer is None:
        abort(404)
    names = open_offers(db.session(), family_id=entry.family_id, entry_id=entry_id)[0]
    return OfferPage(
        entry_id=entry_id,
        child_id=offer.child_id,
        child_name=names.child_name,
        activity_name=names.activity_name,
        day=offer.day,
        expires_at=offer.expires_at,
        is_open=entry.state is WaitingState.OFFERED and clock.now() < offer.expires_at,
        is_taken=entry.state is WaitingState.TAKEN,
    )


@bp.route("/places-proposees/<int:entry_id>", methods=["GET", "POST"])
@access("parent")
def offer(entry_id: int) -> ResponseReturnValue:
    """Show an offered place; take it, or let it go to the next in line."""
    page = _offer_or_404(entry_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/offer.html", form=form, offer=page)
    if request.form.get("answer") == "no":
        return _decline(page)
    try:
        take_offer(db.session(), actor=current_actor(), now=clock.now(), entry_id=entry_id)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".month", child_id=page.child_id, m=page.day.strftime("%Y-%m")))
    db.session.commit()
    flash(_("La place est à vous : la journée est réservée."), "success")
    return redirect(url_for(".month", child_id=page.child_id, m=page.day.strftime("%Y-%m")))


def _decline(page: OfferPage) -> ResponseReturnValue:
    entry = db.session.get_one(WaitingEntry, page.entry_id)
    if page.is_open:
        leave_waiting_list(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=entry.family_id,
            activity_day_id=entry.activity_day_id,
            child_id=entry.child_id,
        )
        db.session.commit()
        flash(_("C’est noté : la place est proposée à la famille suivante."), "success")
    return redirect(url_for(".home"))


def offers_to_answer(family_id: int) -> list[dict[str, str]]:
    """Return what the home says of each place that waits for the family's answer."""
    hidden = hidden_children(current_actor(), family_id)
    return [
        {
            "text": marked(
                _(
                    "Une place pour %(child)s : %(activity)s, %(day)s",
                    child=found.child_name,
                    activity=found.activity_name,
                    day=day_of_month(found.day),
                ),
                [found.activity_name],
            ),
            "note": _("À accepter avant le %(moment)s", moment=moment(found.expires_at)),
            "href": url_for(".offer", entry_id=found.entry_id),
            "action": _("Répondre"),
            "tone": "warning",
            "drawing": "hourglass",
        }
        for found in open_offers(db.session(), family_id=family_id)
        if found.expires_at is not None and found.child_id not in hidden
    ]
