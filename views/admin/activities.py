"""An activity seen whole: its deadlines for the coming days, and the opening of its year."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from domain import clock
from domain.reservations.opening import open_days, preview_deadlines, withdraw_days
from models.activities import Activity, ActivityDay, NoticeRule
from models.schools import Site
from views.access import access, current_actor
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.words import plural

bp = Blueprint("admin_activities", __name__, url_prefix="/admin/activites")


@bp.get("/<int:activity_id>")
@access("administrator", "school_agent")
def overview(activity_id: int) -> ResponseReturnValue:
    """Show the deadlines that the rules give for two weeks, and which days are open to booking."""
    activity = db.session.get(Activity, activity_id)
    if activity is None:
        abort(404)
    published = db.session.execute(
        select(func.count(), func.min(ActivityDay.day), func.max(ActivityDay.day)).where(
            ActivityDay.activity_id == activity_id, ActivityDay.closed_reason.is_(None)
        )
    ).one()
    return render_template(
        "admin/activity.html",
        form=ConfirmForm(),
        activity=activity,
        site=db.session.get_one(Site, activity.site_id),
        booking=_rule(activity.booking_notice_id),
        cancelling=_rule(activity.cancel_notice_id),
        published=published,
        days=preview_deadlines(db.session(), activity_id=activity_id, today=clock.today()),
    )


def _rule(notice_id: int | None) -> str:
    return db.session.get_one(NoticeRule, notice_id).name if notice_id else ""


@bp.post("/<int:activity_id>/jours")
@access("administrator")
def publish(activity_id: int) -> ResponseReturnValue:
    """Open the year's days to booking, and bring those that are there in line with the calendar."""
    if db.session.get(Activity, activity_id) is None:
        abort(404)
    who = {"actor": current_actor(), "now": clock.now(), "activity_id": activity_id}
    removed, closed = withdraw_days(db.session(), **who)
    opened = open_days(db.session(), **who)
    db.session.commit()
    parts = [
        plural("%(n)s jour ouvert", "%(n)s jours ouverts", opened) % {"n": opened},
        plural("%(n)s retiré", "%(n)s retirés", removed) % {"n": removed},
        plural("%(n)s fermé", "%(n)s fermés", closed) % {"n": closed},
    ]
    flash(_("Les jours suivent le calendrier : %(words)s.", words=", ".join(parts)), "success")
    return redirect(url_for(".overview", activity_id=activity_id))
