"""Welcome page, contact, legal pages, and the town's own colour and logo."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select

from domain import clock
from domain.look import theme_css
from domain.privacy.periods import periods
from models.town import Town
from views.access import access
from views.desk_hours import desk_words, hours_table
from views.extensions import db
from views.privacy_words import kept_by_kind
from views.public.accessibility_words import ASSESSMENT
from views.public.guides import printed_copies
from views.public.privacy_words import PURPOSES
from views.reference import current_town

bp = Blueprint("public", __name__)


@bp.get("/")
@access("public")
def home() -> ResponseReturnValue:
    """Welcome a visitor; a person who is signed in goes straight to the own home."""
    if current_user.is_authenticated:
        return redirect(url_for("admin.index" if current_user.is_staff else "parent.home"))
    return render_template("public/home.html", desk=_desk(), documents=printed_copies())


@bp.get("/comment-ca-marche")
@access("public")
def how_it_works() -> ResponseReturnValue:
    """Show what the portal is for, and the few steps of a year."""
    return render_template("public/how_it_works.html")


@bp.get("/obtenir-mon-code-famille")
@access("public")
def family_code() -> ResponseReturnValue:
    """Show how one gets the code famille, or finds it again."""
    return render_template("public/family_code.html", desk=_desk())


@bp.get("/horaires-et-contact")
@access("public")
def contact() -> ResponseReturnValue:
    """Show when and where the service answers."""
    town = current_town()
    today = clock.today().weekday()
    return render_template("public/contact.html", desk=_desk(), rows=hours_table(town.hours), today=today)


@bp.get("/accessibilite")
@access("public")
def accessibility() -> ResponseReturnValue:
    """Show the accessibility statement."""
    return render_template("public/accessibility.html", assessment=ASSESSMENT)


@bp.get("/mentions-legales")
@access("public")
def legal() -> ResponseReturnValue:
    """Show who publishes the portal and who hosts it."""
    return render_template("public/legal.html")


@bp.get("/donnees-personnelles")
@access("public")
def privacy() -> ResponseReturnValue:
    """Show what becomes of personal data, how long, and what rights people have."""
    return render_template(
        "public/privacy.html",
        purposes=PURPOSES,
        kept=kept_by_kind(periods(db.session())),
        session_hours=current_app.config["PREAU"].session_minutes // 60,
    )


def _desk() -> tuple[bool, str] | None:
    """Return whether the desk is open and the sentence that says so; None where no hours are written."""
    hours = current_town().hours
    return desk_words(db.session(), hours, clock.now()) if hours else None


@bp.get("/theme.css")
@access("public")
def theme() -> Response:
    """Give the commune's accent colour as custom properties, in light and dark."""
    response = Response(theme_css(current_town().accent), mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = 300
    return response


@bp.get("/logo")
@access("public")
def logo() -> Response:
    """Give the commune's logo."""
    row = db.session.execute(select(Town.logo, Town.logo_media_type)).first()
    if row is None or row.logo is None:
        abort(404)
    response = Response(row.logo, mimetype=row.logo_media_type)
    response.cache_control.public = True
    response.cache_control.max_age = 300
    return response


@bp.get("/sante")
@access("public")
def health() -> Response:
    """Answer a monitor: the process runs and the database answers."""
    db.session.execute(select(Town.revision))
    return Response("ok", mimetype="text/plain")
