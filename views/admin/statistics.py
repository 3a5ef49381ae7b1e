"""Statistiques: money by month, meals by day, occupancy, quotients: each a chart, its table and its file."""

from collections.abc import Iterable, Sequence
from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.dates import add_months, first_of_month, read_month
from domain.statistics.queries import (
    QuotientBand,
    meals_by_day,
    money_by_month,
    occupancy,
    quotient_spread,
)
from gateways.exports import Euros, Row, csv_chunks, xlsx_bytes
from views.access import access, current_actor
from views.admin.bases import CASHIERS
from views.admin.chart_shapes import Series, column_chart, row_chart
from views.admin.export import XLSX
from views.extensions import db
from views.formats import euros, month, short_month

bp = Blueprint("admin_statistics", __name__, url_prefix="/admin/statistiques")
CASHING = ("administrator", "regisseur")
READERS = (*CASHING, "school_agent")
MONTHS, CHOICE = 12, 24
FULL = 100


@bp.get("")
@access(*READERS)
def index() -> ResponseReturnValue:
    """Show the charts of a month; money only to those who cash it."""
    chosen = _month()
    this_month = first_of_month(clock.today())
    money = money_by_month(db.session(), last=chosen, count=MONTHS) if _may_cash() else []
    meals = meals_by_day(db.session(), chosen)
    places = occupancy(db.session(), chosen)
    spread = quotient_spread(db.session(), clock.today())
    return render_template(
        "admin/statistics.html",
        month=chosen,
        months=[add_months(this_month, 1 - back) for back in range(CHOICE)],
        money=money,
        money_chart=column_chart(
            [short_month(row.month) for row in money],
            [
                Series(_("Facturé"), [row.billed_cents for row in money]),
                Series(_("Encaissé"), [row.collected_cents for row in money]),
            ],
            _whole_euros,
            Series(_("Reste dû à la fin du mois"), [row.outstanding_cents for row in money]),
        ),
        meals=meals,
        meals_chart=column_chart(
            [str(row.day.day) for row in meals],
            [
                Series(_("Réservés"), [row.booked for row in meals]),
                Series(_("Servis"), [row.served for row in meals]),
            ],
            str,
        ),
        places=places,
        places_chart=row_chart(
            [(f"{row.name}, {row.site_name}", row.percent, f"{row.percent} %") for row in places], FULL
        ),
        spread=spread,
        spread_chart=column_chart(
            [str(band.low_cents // 100) for band in spread.bands],
            [Series(_("Familles"), [band.family_count for band in spread.bands])],
            str,
        ),
        band_words=band_words,
    )


def _may_cash() -> bool:
    return bool(current_actor().roles & CASHIERS)


def _month() -> date:
    text = request.args.get("mois", "")
    try:
        return read_month(text) if text else first_of_month(clock.today())
    except ValueError:
        abort(404)


def _whole_euros(cents: int) -> str:
    return euros(cents).replace(",00", "")


def band_words(band: QuotientBand) -> str:
    """Return a band of quotients in words."""
    if band.high_cents is None:
        return _("%(low)s et plus", low=_whole_euros(band.low_cents))
    return _(
        "de %(low)s à %(high)s", low=_whole_euros(band.low_cents), high=_whole_euros(band.high_cents - 1)
    )


def _file(kind: str, name: str, header: Sequence[str], rows: Iterable[Row]) -> ResponseReturnValue:
    if kind == "csv":
        answer = Response(b"".join(csv_chunks(header, rows)), mimetype="text/csv")
    elif kind == "xlsx":
        answer = Response(xlsx_bytes(header, rows, title=_("Statistiques")), mimetype=XLSX)
    else:
        abort(404)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


@bp.get("/argent.<kind>")
@access(*CASHING)
def money_file(kind: str) -> ResponseReturnValue:
    """Give what was billed, collected and left to pay, month by month."""
    chosen = _month()
    rows = (
        (month(row.month), Euros(row.billed_cents), Euros(row.collected_cents), Euros(row.outstanding_cents))
        for row in money_by_month(db.session(), last=chosen, count=MONTHS)
    )
    header = (_("Mois"), _("Facturé"), _("Encaissé"), _("Reste dû à la fin du mois"))
    return _file(kind, f"argent-{chosen:%Y-%m}", header, rows)


@bp.get("/repas.<kind>")
@access(*READERS)
def meals_file(kind: str) -> ResponseReturnValue:
    """Give a month's meals, day by day."""
    chosen = _month()
    rows = ((row.day, row.booked, row.served) for row in meals_by_day(db.session(), chosen))
    return _file(kind, f"repas-{chosen:%Y-%m}", (_("Jour"), _("Réservés"), _("Servis")), rows)


@bp.get("/occupation.<kind>")
@access(*READERS)
def places_file(kind: str) -> ResponseReturnValue:
    """Give how full each activity was in a month."""
    chosen = _month()
    rows = (
        (row.name, row.site_name, row.day_count, row.taken, row.places, row.percent)
        for row in occupancy(db.session(), chosen)
    )
    header = (_("Activité"), _("Site"), _("Jours ouverts"), _("Places prises"), _("Places"), _("Taux (%)"))
    return _file(kind, f"occupation-{chosen:%Y-%m}", header, rows)


@bp.get("/quotients.<kind>")
@access(*READERS)
def spread_file(kind: str) -> ResponseReturnValue:
    """Give how many families there are by quotient today."""
    spread = quotient_spread(db.session(), clock.today())
    rows: list[Row] = [(band_words(band), band.family_count) for band in spread.bands]
    rows.append((_("quotient non connu"), spread.unknown_count))
    return _file(
        kind, f"quotients-{clock.today().isoformat()}", (_("Quotient familial"), _("Familles")), rows
    )
