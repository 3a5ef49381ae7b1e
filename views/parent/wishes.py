"""A parent posts wishes for a child, then reads the answers, the child's place and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.facts import ChildSheet, DayRow, child_sheet
from domain.reservations.queries import HomeChild, family_children
from domain.wishes.operations import post_wishes
from domain.wishes.planning import points_of, wishable_days
from domain.wishes.queries import (
    Answer,
    ChildRound,
    answers_of,
    family_rounds,
    find_sheet,
    ranked_count,
    wishes_of,
)
from domain.wishes.rounds import phase_of
from domain.wishes.rules import DECLARED, Phase, child_number, fingerprint
from models.wishes import WishRound, WishSheet
from views.access import (
    access,
    current_actor,
    current_family_id,
    may_reserve_for,
    may_see_child,
    visible_children,
)
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import in_a_row, moment
from views.parent.blueprint import bp
from views.parent.grid import read_choices
from views.wish_words import PHASES, VERDICTS, Worth, earned_worths, reason_words, worths
from views.words import marked, plural


@dataclass(frozen=True, slots=True)
class Option:
    """A formula of a day, or the day itself when the activity has none."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class WishDay:
    """A day of the round; ``why_not`` says why it cannot be wished, "" when it can."""

    day: date
    options: Sequence[Option]
    why_not: str

    @property
    def chosen(self) -> str:
        """The name of what is wished, "" when nothing is."""
        return next((option.name for option in self.options if option.is_chosen), "")

    @property
    def is_wished(self) -> bool:
        """Whether the day is wished."""
        return any(option.is_chosen for option in self.options)


@dataclass(frozen=True, slots=True)
class Wishing:
    """A child's page of a round."""

    round: WishRound
    activity: ActivityView
    phase: Phase
    child: ChildSheet
    sheet: WishSheet | None
    may_answer: bool

    @property
    def number(self) -> str:
        """What the child's draw is made on."""
        return child_number(self.child.child_id, self.child.family_id)


@bp.get("/voeux")
@access("parent")
def wishes() -> ResponseReturnValue:
    """Show every round that concerns a child of the family, and where it stands."""
    family_id = current_family_id()
    children = visible_children(family_children(db.session(), family_id=family_id, today=clock.today()))
    rounds = _rounds(family_id, children)
    names = {child.id: child.given_name for child in children}
    return render_template("parent/wishes.html", rounds=rounds, names=names, phases=PHASES, Phase=Phase)


def _rounds(family_id: int, children: Sequence[HomeChild]) -> list[ChildRound]:
    ids = [child.id for child in children]
    return family_rounds(db.session(), family_id=family_id, child_ids=ids, now=clock.now())


@bp.route("/enfants/<int:child_id>/voeux/<int:round_id>", methods=["GET", "POST"])
@access("parent")
def wish(child_id: int, round_id: int) -> ResponseReturnValue:
    """Show a child's wishes in a round and take them while it is open; afterwards, show the answers."""
    page = _page_or_404(child_id, round_id)
    if request.method == "GET":
        return _render(page, *_said(page))
    days, declared = request.form.getlist("days"), request.form.getlist("declared")
    try:
        sheet = post_wishes(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            round_id=round_id,
            child_id=child_id,
            family_id=current_family_id(),
            choices=read_choices(days),
            declared=declared,
        )
    except Refusal as refusal:
        db.session.rollback()
        return _render(_page_or_404(child_id, round_id), days, declared, refusal_sentence(refusal)), 422
    db.session.commit()
    if sheet is None:
        flash(
            _("Vos vœux sont retirés : rien n’est demandé pour %(child)s.", child=page.child.given_name),
            "info",
        )
        return redirect(url_for(".wishes"))
    count = len(read_choices(days))
    said = plural("%(num)d journée souhaitée", "%(num)d journées souhaitées", count) % {"num": count}
    until = moment(page.round.closes_at)
    flash(
        _(
            "C’est enregistré : %(said)s. Vous pouvez changer d’avis jusqu’au %(until)s.",
            said=said,
            until=until,
        ),
        "success",
    )
    return redirect(url_for(".wish", child_id=child_id, round_id=round_id))


def _page_or_404(child_id: int, round_id: int) -> Wishing:
    """Return the page of a child of this family in a round that concerns it."""
    session, now, family_id = db.session(), clock.now(), current_family_id()
    wish_round = session.get(WishRound, round_id)
    if wish_round is None or not may_see_child(child_id):
        abort(404)
    child = child_sheet(session, child_id=child_id, family_id=family_id, on=wish_round.first_day)
    if child is None:
        abort(404)
    activity = catalogue(session).activities[wish_round.activity_id]
    sheet = find_sheet(session, round_id=round_id, child_id=child_id, family_id=family_id)
    stands = phase_of(wish_round, now)
    may_answer = stands is Phase.OPEN and may_reserve_for(child_id)
    return Wishing(wish_round, activity, stands, child, sheet, may_answer)


def _said(page: Wishing) -> tuple[list[str], list[str]]:
    """Return what the family said until now: its days as boxes send them, and what it declares."""
    if page.sheet is None:
        return [], []
    held = wishes_of(db.session(), page.sheet.id)
    return [_value(wish.activity_day_id, wish.formula_id) for wish in held], list(page.sheet.declared)


def _render(page: Wishing, days: Sequence[str], declared: Sequence[str], problem: str = "") -> str:
    session = db.session()
    answers = answers_of(session, page.sheet.id) if page.sheet else []
    return render_template(
        "parent/wish.html",
        page=page,
        problem=problem,
        days=[] if answers else _days(page, frozenset(days)),
        declared=declared,
        worths=worths(points_of(page.round), page.round),
        declarable=_declarable(page),
        fingerprint=fingerprint(page.round.seed),
        answers=[_answer_row(answer) for answer in answers],
        earned=earned_worths(page.sheet.earned or {}, page.round) if page.sheet else [],
        ranked=ranked_count(session, page.round.id) if answers else 0,
        phases=PHASES,
        Phase=Phase,
    )


def _declarable(page: Wishing) -> list[Worth]:
    """Return the criteria that the family says itself."""
    points = points_of(page.round)
    return worths({one: points[one] for one in DECLARED if one in points}, page.round)


def _days(page: Wishing, chosen: frozenset[str]) -> list[WishDay]:
    rows = wishable_days(db.session(), page.round, page.child, now=clock.now())
    return [_day(page, row, why, chosen) for row, why in rows]


def _day(page: Wishing, row: DayRow, why: str, chosen: frozenset[str]) -> WishDay:
    named = [(formula.id, formula.name) for formula in page.activity.formulas] or [(None, _("Vœu"))]
    values = [(_value(row.id, formula_id), name) for formula_id, name in named]
    options = [Option(value, name, value in chosen) for value, name in values]
    facts = {"closed_at": page.activity.book_until(row.day), "detail": row.closed_reason or ""}
    return WishDay(row.day, options, refusal_sentence(Refusal(why, **facts)) if why else "")


def _value(day_id: int, formula_id: int | None) -> str:
    return str(day_id) if formula_id is None else f"{day_id}.{formula_id}"


def _answer_row(answer: Answer) -> tuple[date, str, str, str]:
    state, word = VERDICTS[answer.verdict]
    return answer.day, state, str(word), reason_words(answer)


def wish_items(family_id: int, children: Sequence[HomeChild]) -> list[dict[str, str]]:
    """Return what the home says of each open round that still waits for wishes, of one child or of several."""
    waiting: dict[int, list[ChildRound]] = {}
    for one in _rounds(family_id, children):
        if one.phase is Phase.OPEN and not one.wish_count:
            waiting.setdefault(one.round.id, []).append(one)
    names = {child.id: child.given_name for child in children}
    return [_wish_item(found, [names[one.child_id] for one in found]) for found in waiting.values()]


def _wish_item(found: Sequence[ChildRound], names: Sequence[str]) -> dict[str, str]:
    wish_round, is_single = found[0].round, len(found) == 1
    text = _("Vœux pour %(child)s : %(name)s", child=in_a_row(names), name=wish_round.name)
    return {
        "text": marked(text, [wish_round.name]),
        "note": _("À déposer avant le %(moment)s", moment=moment(wish_round.closes_at)),
        "href": url_for(".wish", child_id=found[0].child_id, round_id=wish_round.id)
        if is_single
        else url_for(".wishes"),
        "action": _("Déposer"),
        "tone": "warning",
        "drawing": "calendar-days",
    }
