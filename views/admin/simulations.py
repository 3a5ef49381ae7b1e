"""Simulations: a version tried on what was billed; its table, its chart, its file, and who would pay more or less."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import SelectField

from domain import clock
from domain.dates import add_months, first_of_month, read_month
from domain.errors import Refusal
from domain.pricing.explain import FRENCH
from domain.pricing.queries import load_version
from domain.pricing.rules import written_rule
from domain.simulations.operations import request_simulation
from domain.simulations.queries import issued_months, recent_simulations
from gateways.exports import Euros, Row, csv_chunks, xlsx_bytes
from models.family import Family
from models.tariffs import SimulationState, Tariff, TariffSimulation, TariffVersion
from views.access import access, current_actor
from views.admin.chart_shapes import Series, column_chart
from views.admin.export import XLSX
from views.admin.words import options
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import euros, month
from views.jobs import wake
from views.tariff_words import quotients

ROLES = ("administrator", "regisseur")
SCHOOL_YEAR = 12
bp = Blueprint("admin_simulations", __name__, url_prefix="/admin/simulations")
PLACES = {
    "no_quotient": _l("Sans quotient"),
    "partner": _l("Commune partenaire"),
    "non_resident": _l("Hors commune"),
}

SHORT_PLACES = {
    "no_quotient": _l("sans QF"),
    "partner": _l("partenaire"),
    "non_resident": _l("hors com."),
}


class PeriodForm(FlaskForm):
    """The months to try a version on."""

    first_month = SelectField(_l("Premier mois"))
    last_month = SelectField(_l("Dernier mois"))

    def offer(self, months: Sequence[date]) -> None:
        """Give the months that are invoiced; the latest year of them is chosen."""
        choices = options((one.strftime("%Y-%m"), month(one)) for one in months)
        self.first_month.choices = self.last_month.choices = choices
        if not self.is_submitted() and months:
            last = months[0]
            year = [one for one in months if one > add_months(last, -SCHOOL_YEAR)]
            self.last_month.data, self.first_month.data = last.strftime("%Y-%m"), year[-1].strftime("%Y-%m")


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of families, in words, before and after."""

    words: str
    families: int
    quantity: int
    before_cents: int
    after_cents: int
    family_months: int

    @property
    def change_cents(self) -> int:
        """What the group pays more (or, negative, less)."""
        return self.after_cents - self.before_cents

    @property
    def monthly_cents(self) -> int:
        """What a family of the group pays more a month, on average, to the cent."""
        half = self.family_months // 2
        sign = -1 if self.change_cents < 0 else 1
        return sign * ((abs(self.change_cents) + half) // self.family_months) if self.family_months else 0


@dataclass(frozen=True, slots=True)
class MoveLine:
    """A family that would pay more, or less."""

    family_id: int
    name: str
    before_cents: int
    after_cents: int

    @property
    def change_cents(self) -> int:
        """What changes over the whole period."""
        return self.after_cents - self.before_cents


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """List the latest simulations."""
    rows = recent_simulations(db.session())
    names = dict(db.session.execute(select(Tariff.id, Tariff.name)).all())
    return render_template("admin/simulations.html", rows=rows, names=names, last_month=last_month)


@bp.route("/version/<int:version_id>", methods=["GET", "POST"])
@access(*ROLES)
def new(version_id: int) -> ResponseReturnValue:
    """Choose the months, and ask for a simulation."""
    version = db.session.get(TariffVersion, version_id)
    if version is None:
        abort(404)
    months, form, problem = issued_months(db.session()), PeriodForm(), ""
    form.offer(months)
    if form.validate_on_submit():
        try:
            made = request_simulation(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                version_id=version_id,
                first_month=read_month(form.first_month.data),
                last_month=read_month(form.last_month.data),
            )
        except Refusal as refusal:
            db.session.rollback()
            problem = refusal_sentence(refusal)
        else:
            db.session.commit()
            wake("simulations")
            return redirect(url_for(".result", simulation_id=made.id))
    page = render_template(
        "admin/simulation_new.html",
        form=form,
        version=version,
        tariff=db.session.get_one(Tariff, version.tariff_id),
        months=months,
        problem=problem,
        earlier=recent_simulations(db.session(), version_id=version_id, limit=10),
        last_month=last_month,
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/<int:simulation_id>")
@access(*ROLES)
def result(simulation_id: int) -> ResponseReturnValue:
    """Show a simulation: how far it is, or what it found."""
    found = _simulation(simulation_id)
    version = db.session.get_one(TariffVersion, found.version_id)
    facts: dict[str, Any] = {
        "simulation": found,
        "version": version,
        "tariff": db.session.get_one(Tariff, version.tariff_id),
        "last_month": last_month,
        "is_stale": [written_rule(rule) for rule in load_version(db.session(), version).rules] != found.rules,
    }
    if found.result is None:
        return render_template("admin/simulation.html", **facts, result=None)
    lines = group_lines(found.result)
    return render_template(
        "admin/simulation.html",
        **facts,
        result=found.result,
        lines=lines,
        total=_line(_("Total"), found.result),
        chart=column_chart(
            [_short_words(group) for group in found.result["groups"]],
            [
                Series(_("Avant"), [line.before_cents for line in lines]),
                Series(_("Après"), [line.after_cents for line in lines]),
            ],
            lambda cents: euros(cents).replace(",00", ""),
        ),
        rises=move_lines(found.result["rises"]),
        falls=move_lines(found.result["falls"]),
    )


@bp.get("/<int:simulation_id>/avancement")
@access(*ROLES)
def progress(simulation_id: int) -> ResponseReturnValue:
    """Say how far a simulation is, to the script of the progress bar."""
    found = _simulation(simulation_id)
    is_over = found.state is SimulationState.DONE
    return jsonify(done=found.done_count, total=found.month_count, finished=is_over)


@bp.get("/<int:simulation_id>.<any(csv, xlsx):kind>")
@access(*ROLES)
def file(simulation_id: int, kind: str) -> ResponseReturnValue:
    """Give the table as a file."""
    found = _simulation(simulation_id)
    if found.result is None:
        abort(404)
    header = (
        _("Quotient familial"), _("Familles"), _("Quantité"), _("Avant"), _("Après"), _("Différence"),
        _("Différence par famille et par mois"),
    )  # fmt: skip
    rows = [_row(line) for line in (*group_lines(found.result), _line(_("Total"), found.result))]
    if kind == "csv":
        answer = Response(b"".join(csv_chunks(header, rows)), mimetype="text/csv")
    else:
        answer = Response(xlsx_bytes(header, rows, title=_("Simulation")), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="simulation-{simulation_id}.{kind}"'
    return answer


def _row(line: GroupLine) -> Row:
    return (
        line.words,
        line.families,
        line.quantity,
        Euros(line.before_cents),
        Euros(line.after_cents),
        Euros(line.change_cents),
        Euros(line.monthly_cents),
    )


def _simulation(simulation_id: int) -> TariffSimulation:
    found = db.session.get(TariffSimulation, simulation_id)
    if found is None:
        abort(404)
    return found


def last_month(simulation: TariffSimulation) -> date:
    """Return the last month of a simulation."""
    return first_of_month(add_months(simulation.end_month, -1))


def group_lines(kept: dict[str, Any]) -> list[GroupLine]:
    """Return the groups of a result, in words."""
    return [_line(_group_words(group), group) for group in kept["groups"]]


def _group_words(group: dict[str, Any]) -> str:
    if group["place"] in PLACES:
        return str(PLACES[group["place"]])
    return _("QF %(range)s", range=quotients(group["low_cents"], group["high_cents"]))


def _short_words(group: dict[str, Any]) -> str:
    """Return a group's name under its columns, where there is little room."""
    if group["place"] in SHORT_PLACES:
        return str(SHORT_PLACES[group["place"]])
    low, high = FRENCH.quotient(group["low_cents"]), group["high_cents"]
    return f"{low}+" if high is None else f"{low}–{FRENCH.quotient(high)}"


def _line(words: str, kept: dict[str, Any]) -> GroupLine:
    return GroupLine(
        words,
        kept["families"],
        kept["quantity"],
        kept["before_cents"],
        kept["after_cents"],
        kept["family_months"],
    )


def move_lines(kept: Sequence[dict[str, Any]]) -> list[MoveLine]:
    """Return the families that change most, by name; one that was merged or purged since has none."""
    ids = [move["family_id"] for move in kept]
    names = dict(db.session.execute(select(Family.id, Family.name).where(Family.id.in_(ids))).all())
    return [
        MoveLine(
            move["family_id"], names.get(move["family_id"], ""), move["before_cents"], move["after_cents"]
        )
        for move in kept
    ]
