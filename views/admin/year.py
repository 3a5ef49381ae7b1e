"""The school year on one page: class, holidays, public holidays, closures, for a site."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from domain import clock
from domain.calendar.year import school_year_months
from models.calendar import SchoolYear
from models.schools import Site
from views.access import access
from views.extensions import db

bp = Blueprint("admin_year", __name__, url_prefix="/admin/annee")


@bp.get("")
@access("administrator", "school_agent", "activity_leader")
def index() -> ResponseReturnValue:
    """Draw a school year of a site."""
    years = db.session.scalars(select(SchoolYear).order_by(SchoolYear.starts_on)).all()
    sites = db.session.scalars(select(Site).order_by(Site.name)).all()
    today = clock.today()
    current = next((year for year in years if year.ends_on >= today), years[-1] if years else None)
    year = next((one for one in years if str(one.id) == request.args.get("annee")), current)
    site = next(
        (one for one in sites if str(one.id) == request.args.get("site")), sites[0] if sites else None
    )
    months = []
    if year is not None and site is not None:
        months = school_year_months(db.session(), site_id=site.id, starts_on=year.starts_on)
    return render_template(
        "admin/year.html", years=years, sites=sites, year=year, site=site, months=months, words=_words()
    )


def _words() -> dict[str, tuple[str, str]]:
    """Return what each kind of day is called, and the letter that says it without colour."""
    return {
        "school": (_("Classe"), ""),
        "no_class": (_("Pas de classe"), "–"),
        "holiday": (_("Vacances"), "V"),
        "public_holiday": (_("Jour férié"), "F"),
        "closed": (_("Fermeture"), "X"),
        "weekend": (_("Week-end"), ""),
    }
