"""Staff make a wish round, check what families declare, see the ranking and why, then publish it as one act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from domain import clock
from domain.errors import Refusal
from domain.reservations.catalogue import catalogue
from domain.wishes.planning import make_plan, points_of
from domain.wishes.queries import (
    answered_days,
    answers_of,
    child_name,
    ranked_children,
    ranked_count,
    staff_rounds,
)
from domain.wishes.rounds import change_round, delete_round, make_round, phase_of, set_declared_aside
from domain.wishes.rules import DECLARED, Criterion, Phase, Verdict, fingerprint
from models.family import Family
from models.jobs import JobKind
from models.wishes import WishRound, WishSheet
from views.access import access, current_actor
from views.admin.wish_forms import CheckForm, RoundForm, fresh_values, values_of
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.office_jobs.start import begin, follow
from views.wish_words import (
    IN_SHORT,
    PHASES,
    VERDICTS,
    criterion_words,
    earned_worths,
    reason_words,
    worths,
)

ROLES = ("administrator", "school_agent")
bp = Blueprint("admin_wishes", __name__, url_prefix="/admin/voeux")


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child's line of the ranking; ``why`` are its criteria with their points."""

    sheet_id: int
    place: int | None
    name: str
    total: int
    why: str
    granted: int
    waiting: int
    refused: int


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day's line; ``free`` are the places before the allocation, None once it is done."""

    day: date
    free: int | None
    granted: int
    waiting: int
    refused: int


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """List the rounds, the latest to close first."""
    rounds = staff_rounds(db.session(), now=clock.now())
    return render_template("admin/wishes.html", rounds=rounds, phases=PHASES)


@bp.route("/nouvelle", methods=["GET", "POST"])
@access(*ROLES)
def new() -> ResponseReturnValue:
    """Make a round."""
    form = RoundForm(data=fresh_values())
    return _edit(form, None)


@bp.route("/<int:round_id>/modifier", methods=["GET", "POST"])
@access(*ROLES)
def edit(round_id: int) -> ResponseReturnValue:
    """Change a round before families have read it, or put its end off."""
    wish_round = _round_or_404(round_id)
    return _edit(RoundForm(data=values_of(wish_round)), wish_round)


def _edit(form: RoundForm, wish_round: WishRound | None) -> ResponseReturnValue:
    form.offer(catalogue(db.session()).activities.values())
    problem = ""
    if form.validate_on_submit():
        session, facts = db.session(), {"actor": current_actor(), "now": clock.now(), "terms": form.terms()}
        try:
            if wish_round is None:
                saved = make_round(session, **facts)
            else:
                saved = change_round(session, round_id=wish_round.id, **facts)
        except Refusal as refusal:
            db.session.rollback()
            problem = refusal_sentence(refusal)
        else:
            db.session.commit()
            flash(
                _(
                    "La campagne est enregistrée. Ses journées ne se réservent plus que par vœux, jusqu’à la publication."
                ),
                "success",
            )
            return redirect(url_for(".review", round_id=saved.id))
    page = render_template("admin/wish_edit.html", form=form, round=wish_round, problem=problem)
    return page, 422 if form.is_submitted() else 200


def _round_or_404(round_id: int) -> WishRound:
    found = db.session.get(WishRound, round_id)
    if found is None:
        abort(404)
    return found


@bp.get("/<int:round_id>")
@access(*ROLES)
def review(round_id: int) -> ResponseReturnValue:
    """Show a round: its terms, and once it is closed the ranking with its reasons, before or after publishing."""
    session, now = db.session(), clock.now()
    wish_round = _round_or_404(round_id)
    stands = phase_of(wish_round, now)
    children, days = _lines(wish_round, stands)
    return render_template(
        "admin/wish_round.html",
        round=wish_round,
        activity=catalogue(session).activities[wish_round.activity_id],
        stands=stands,
        children=children,
        days=days,
        child_count=ranked_count(session, round_id),
        worths=worths(points_of(wish_round), wish_round),
        fingerprint=fingerprint(wish_round.seed),
        form=ConfirmForm(),
        phases=PHASES,
        Phase=Phase,
    )


def _lines(wish_round: WishRound, stands: Phase) -> tuple[Sequence[ChildRow], Sequence[DayRow]]:
    """Return the lines of children and days: as they would be, or as they were published; none while it is open."""
    if stands is Phase.CLOSED:
        return _planned(wish_round)
    if stands is Phase.PUBLISHED:
        return _published(wish_round)
    return [], []


def _planned(wish_round: WishRound) -> tuple[Sequence[ChildRow], Sequence[DayRow]]:
    plan = make_plan(db.session(), wish_round, now=clock.now())
    children = [
        ChildRow(
            sheet_id=one.sheet.id,
            place=one.standing.place,
            name=one.name,
            total=one.standing.total,
            why=_why(one.standing.earned),
            granted=one.count(Verdict.GRANTED),
            waiting=one.count(Verdict.WAITING),
            refused=one.count(Verdict.REFUSED),
        )
        for one in plan.children
    ]
    return children, [DayRow(one.day, one.free, one.granted, one.waiting, one.refused) for one in plan.days]


def _published(wish_round: WishRound) -> tuple[Sequence[ChildRow], Sequence[DayRow]]:
    session = db.session()
    children = [
        ChildRow(
            sheet_id=one.sheet.id,
            place=one.sheet.place,
            name=one.name,
            total=sum((one.sheet.earned or {}).values()),
            why=_why(one.sheet.earned or {}),
            granted=one.granted,
            waiting=one.waiting,
            refused=one.refused,
        )
        for one in ranked_children(session, round_id=wish_round.id)
    ]
    days = answered_days(session, round_id=wish_round.id)
    return children, [DayRow(one.day, None, one.granted, one.waiting, one.refused) for one in days]


def _why(earned: Mapping[str, int]) -> str:
    return ", ".join(f"{IN_SHORT[Criterion(code)]} {worth}" for code, worth in earned.items())


@bp.post("/<int:round_id>/publier")
@access(*ROLES)
def publish(round_id: int) -> ResponseReturnValue:
    """Give the places in one transaction and tell each family once; a second click changes nothing."""
    wish_round = _round_or_404(round_id)
    children = ranked_count(db.session(), round_id)
    try:
        begun = begin(JobKind.WISHES, subject=str(round_id), facts={"name": wish_round.name}, total=children)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".review", round_id=round_id))
    return follow(JobKind.WISHES, begun)


@bp.post("/<int:round_id>/supprimer")
@access(*ROLES)
def delete(round_id: int) -> ResponseReturnValue:
    """Delete a round that no family has answered."""
    _round_or_404(round_id)
    try:
        delete_round(db.session(), actor=current_actor(), now=clock.now(), round_id=round_id)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".review", round_id=round_id))
    db.session.commit()
    flash(_("La campagne est supprimée : ses journées se réservent à nouveau comme d’habitude."), "success")
    return redirect(url_for(".index"))


@bp.route("/fiches/<int:sheet_id>", methods=["GET", "POST"])
@access(*ROLES)
def check(sheet_id: int) -> ResponseReturnValue:
    """Show a child's sheet, and keep out of its points what the family could not prove."""
    sheet = db.session.get(WishSheet, sheet_id)
    if sheet is None:
        abort(404)
    wish_round = _round_or_404(sheet.round_id)
    form = CheckForm(data={"set_aside": sheet.set_aside, "reason": sheet.set_aside_reason})
    form.set_aside.choices = [
        SelectChoice(one.value, criterion_words(one, wish_round)) for one in DECLARED if one in sheet.declared
    ]
    problem = ""
    if form.validate_on_submit():
        problem = _set_aside(form, sheet)
        if not problem:
            return redirect(url_for(".check", sheet_id=sheet_id))
    page = render_template(
        "admin/wish_sheet.html",
        form=form,
        sheet=sheet,
        round=wish_round,
        name=child_name(db.session(), sheet.child_id),
        family=db.session.get_one(Family, sheet.family_id),
        earned=earned_worths(sheet.earned or {}, wish_round),
        answers=[
            (one.day, *VERDICTS[one.verdict], reason_words(one)) for one in answers_of(db.session(), sheet.id)
        ],
        problem=problem,
    )
    return page, 422 if form.is_submitted() else 200


def _set_aside(form: CheckForm, sheet: WishSheet) -> str:
    """Keep what was checked; return the sentence of a refusal."""
    try:
        set_declared_aside(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            sheet_id=sheet.id,
            codes=form.set_aside.data or [],
            reason=form.reason.data or "",
        )
    except Refusal as refusal:
        db.session.rollback()
        return refusal_sentence(refusal)
    db.session.commit()
    flash(_("C’est noté : le classement en tient compte."), "success")
    return ""
