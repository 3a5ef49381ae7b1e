"""Conservation des données: what is due to go, the last purges, how long each kind is kept, and starting a purge."""

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.privacy.periods import periods, set_periods
from domain.privacy.purge import (
    count_due,
    count_held_back,
    is_purge_overdue,
    last_purges,
    open_purge,
    removed_by_kind,
    start_purge,
)
from domain.privacy.rules import USUAL, Kind
from models.privacy import PurgeRun
from models.town import Town
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.forms.privacy import periods_form
from views.jobs import wake
from views.privacy_words import KINDS, PARTS

bp = Blueprint("admin_retention", __name__, url_prefix="/admin/conservation")


@bp.get("")
@access("administrator")
def index() -> ResponseReturnValue:
    """Show what is kept longer than planned, kind by kind; nothing is changed by looking."""
    session, now = db.session(), clock.now()
    today = clock.local_day(now)
    found, kept = removed_by_kind(count_due(session, today)), periods(session)
    kinds = [
        {
            "name": KINDS[kind][0],
            "why": KINDS[kind][1],
            "months": kept[kind],
            "is_usual": kept[kind] == USUAL[kind].months,
            "is_health": kind is Kind.HEALTH,
            "count": sum(parts.values()),
            "parts": _parts(parts),
        }
        for kind, parts in found.items()
    ]
    return render_template(
        "admin/retention.html",
        kinds=kinds,
        total=sum(kind["count"] for kind in kinds),
        held_back=count_held_back(session, today),
        running=open_purge(session),
        purges=[_told(run) for run in last_purges(session)],
        is_overdue=is_purge_overdue(session, now),
        by_itself=session.get_one(Town, 1).purges_by_itself,
        form=ConfirmForm(),
    )


@bp.get("/purges/<int:purge_id>/avancement")
@access("administrator")
def progress(purge_id: int) -> ResponseReturnValue:
    """Say how far a purge is, to the script of the progress bar."""
    run = db.session.get(PurgeRun, purge_id)
    if run is None:
        abort(404)
    return jsonify(done=run.removed_count, total=run.total_count, finished=not run.is_open)


def _parts(parts: dict[str, int]) -> str:
    return ", ".join(f"{count} {PARTS[name]}" for name, count in parts.items())


def _told(run: PurgeRun) -> dict[str, Any]:
    words = [_parts(parts) for parts in removed_by_kind(run.removed).values() if parts]
    return {
        "ran_at": run.ran_at,
        "finished_at": run.finished_at,
        "by": _("commande ou portail") if run.created_by.startswith("system:") else _("administrateur"),
        "removed": " ; ".join(words),
    }


@bp.route("/purger", methods=["GET", "POST"])
@access("administrator", fresh=True)
def start() -> ResponseReturnValue:
    """Ask whether to remove what is due, then hand it to the worker."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        found = removed_by_kind(count_due(db.session(), clock.today()))
        lines = [(KINDS[kind][0], _parts(parts)) for kind, parts in found.items() if parts]
        return render_template("admin/retention_start.html", form=form, lines=lines)
    start_purge(db.session(), actor=current_actor(), now=clock.now())
    db.session.commit()
    wake("purge")
    flash(_("La purge est lancée : le portail l’exécute par petits lots, sans gêner personne."), "success")
    return redirect(url_for(".index"))


@bp.route("/durees", methods=["GET", "POST"])
@access("administrator")
def durations() -> ResponseReturnValue:
    """Choose how long each kind is kept, and whether the worker purges by itself."""
    session = db.session()
    kept = {kind.value: months for kind, months in periods(session).items()}
    form: Any = periods_form(**kept, by_itself=session.get_one(Town, 1).purges_by_itself)
    if form.validate_on_submit() and _save(form):
        flash(_("Les durées de conservation sont enregistrées."), "success")
        return redirect(url_for(".index"))
    fields = [form[kind.value] for kind in KINDS]
    return render_template("admin/retention_periods.html", form=form, fields=fields), (
        422 if form.is_submitted() else 200
    )


def _save(form: Any) -> bool:
    months = {kind: form[kind.value].data for kind in KINDS}
    try:
        set_periods(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            months=months,
            by_itself=form.by_itself.data,
        )
    except Refusal as refusal:
        db.session.rollback()
        form.form_errors = [*form.form_errors, refusal_sentence(refusal)]
        return False
    db.session.commit()
    return True
