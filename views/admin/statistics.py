"""Statistiques: money, meals, occupancy, quotients over a chosen period: each a chart, its table and its file."""

from collections.abc import Iterable, Sequence
from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.statistics.queries import Money, QuotientBand, meals_by, money_by, occupancy, quotient_spread
from domain.statistics.rules import Bucket, Period, buckets
from gateways.exports import Euros, Row, csv_chunks, xlsx_bytes
from views.access import access, current_actor
from views.admin.bases import CASHIERS
from views.admin.chart_shapes import Series, column_chart, row_chart
from views.admin.export import XLSX
from views.admin.periods import Choice, in_address, period_words, read_choice
from views.extensions import db
from views.formats import day_of_month, euros, month, short_month, whole

bp = Blueprint("admin_statistics", __name__, url_prefix="/admin/statistiques")
CASHING = ("administrator", "regisseur")
READERS = (*CASHING, "school_agent")
FULL = 100


@bp.get("")
@access(*READERS)
def index() -> ResponseReturnValue:
    """Show the charts of a period; money only to those who cash it."""
    choice = read_choice(request.args, clock.today())
    if choice.period is None:
        return render_template("admin/statistics.html", choice=choice, period=None), 422
    period = choice.period
    money = _money(period) if _may_cash() else []
    meals = meals_by(db.session(), buckets(period))
    places = occupancy(db.session(), period)
    spread = quotient_spread(db.session(), _quotient_day(period))
    return render_template(
        "admin/statistics.html",
        choice=choice,
        period=period,
        words=period_words(period),
        address=in_address(period),
        place_words=lambda first: _place(period, first),
        step_word=_("Jour") if period.is_daily else _("Mois"),
        money=money,
        money_total=(sum(row.billed_cents for row in money), sum(row.collected_cents for row in money)),
        money_chart=column_chart(
            [_short_place(period, row.first) for row in money],
            [
                Series(_("Facturé"), [row.billed_cents for row in money]),
                Series(_("Encaissé"), [row.collected_cents for row in money]),
            ],
            whole_euros,
            Series(_("Reste dû à la fin"), [row.outstanding_cents for row in money]),
        ),
        meals=meals,
        meals_total=(sum(row.booked for row in meals), sum(row.served for row in meals)),
        meals_chart=column_chart(
            [_short_place(period, row.first) for row in meals],
            [
                Series(_("Réservés"), [row.booked for row in meals]),
                Series(_("Servis"), [row.served for row in meals]),
            ],
            whole,
        ),
        places=places,
        places_chart=row_chart(
            [(f"{row.name}, {row.site_name}", row.percent, f"{row.percent} %") for row in places], FULL
        ),
        spread=spread,
        spread_day=_quotient_day(period),
        spread_chart=column_chart(
            [whole(band.low_cents // 100) for band in spread.bands],
            [Series(_("Familles"), [band.family_count for band in spread.bands])],
            whole,
        ),
        band_words=band_words,
    )


def _money(period: Period) -> list[Money]:
    """Return the ledger of a period as far as it has come: nothing is billed or paid tomorrow."""
    today = clock.today()
    past: Sequence[Bucket] = [place for place in buckets(period) if place.first <= today]
    return money_by(db.session(), past) if past else []


def _quotient_day(period: Period) -> date:
    """Return the day whose quotients are shown: the last of the period, or today while it runs."""
    return min(period.last, max(period.first, clock.today()))


def _place(period: Period, first: date) -> str:
    """Return what a table calls a day or a month of a period."""
    return day_of_month(first) if period.is_daily else month(first)


def _short_place(period: Period, first: date) -> str:
    """Return what a chart calls it; the days of one month by their number alone."""
    if not period.is_daily:
        return short_month(first)
    is_one_month = (period.first.year, period.first.month) == (period.last.year, period.last.month)
    return str(first.day) if is_one_month else f"{first.day}/{first.month}"


def _may_cash() -> bool:
    return bool(current_actor().roles & CASHIERS)


def _period() -> Period:
    """Return the period that a file is asked for; 404 when it is none."""
    choice: Choice = read_choice(request.args, clock.today())
    if choice.period is None:
        abort(404)
    return choice.period


def whole_euros(cents: int) -> str:
    """Return an amount without its cents when it has none, as an axis writes it."""
    return euros(cents).replace(",00", "")


def band_words(band: QuotientBand) -> str:
    """Return a band of quotients in words."""
    if band.high_cents is None:
        return _("%(low)s et plus", low=whole_euros(band.low_cents))
    return _("de %(low)s à %(high)s", low=whole_euros(band.low_cents), high=whole_euros(band.high_cents - 1))


def _file(kind: str, name: str, header: Sequence[str], rows: Iterable[Row]) -> ResponseReturnValue:
    if kind == "csv":
        answer = Response(b"".join(csv_chunks(header, rows)), mimetype="text/csv")
    elif kind == "xlsx":
        answer = Response(xlsx_bytes(header, rows, title=_("Statistiques")), mimetype=XLSX)
    else:
        abort(404)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _name(what: str, period: Period) -> str:
    return f"{what}-{period.first.isoformat()}-{period.last.isoformat()}"


@bp.get("/argent.<kind>")
@access(*CASHING)
def money_file(kind: str) -> ResponseReturnValue:
    """Give what was billed, collected and left to pay over a period."""
    period = _period()
    rows = (
        (
            row.first if period.is_daily else month(row.first),
            Euros(row.billed_cents),
            Euros(row.collected_cents),
            Euros(row.outstanding_cents),
        )
        for row in _money(period)
    )
    step = _("Jour") if period.is_daily else _("Mois")
    header = (step, _("Facturé"), _("Encaissé"), _("Reste dû à la fin"))
    return _file(kind, _name("argent", period), header, rows)


@bp.get("/repas.<kind>")
@access(*READERS)
def meals_file(kind: str) -> ResponseReturnValue:
    """Give the meals of a period, day by day or month by month."""
    period = _period()
    rows = (
        (row.first if period.is_daily else month(row.first), row.booked, row.served)
        for row in meals_by(db.session(), buckets(period))
    )
    step = _("Jour") if period.is_daily else _("Mois")
    return _file(kind, _name("repas", period), (step, _("Réservés"), _("Servis")), rows)


@bp.get("/occupation.<kind>")
@access(*READERS)
def places_file(kind: str) -> ResponseReturnValue:
    """Give how full each activity was over a period."""
    period = _period()
    rows = (
        (row.name, row.site_name, row.day_count, row.taken, row.places, row.percent)
        for row in occupancy(db.session(), period)
    )
    header = (_("Activité"), _("Site"), _("Jours ouverts"), _("Places prises"), _("Places"), _("Taux (%)"))
    return _file(kind, _name("occupation", period), header, rows)


@bp.get("/quotients.<kind>")
@access(*READERS)
def spread_file(kind: str) -> ResponseReturnValue:
    """Give how many families there were by quotient at the end of a period."""
    on = _quotient_day(_period())
    spread = quotient_spread(db.session(), on)
    rows: list[Row] = [(band_words(band), band.family_count) for band in spread.bands]
    rows.append((_("quotient non connu"), spread.unknown_count))
    return _file(kind, f"quotients-{on.isoformat()}", (_("Quotient familial"), _("Familles")), rows)
