"""Welcome page, help, legal pages, and the town's own colour and logo."""

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select

from domain.look import theme_css
from models.town import Town
from views.access import access
from views.extensions import db
from views.reference import current_town

bp = Blueprint("public", __name__)


@bp.get("/")
@access("public")
def home() -> ResponseReturnValue:
    """Welcome a visitor; a person who is signed in goes straight to the own home."""
    if current_user.is_authenticated:
        return redirect(url_for("admin.index" if current_user.is_staff else "parent.home"))
    return render_template("public/home.html")


@bp.get("/aide")
@access("public")
def help() -> ResponseReturnValue:
    """Show how the portal works and how one gets a code famille."""
    return render_template("public/help.html")


@bp.get("/accessibilite")
@access("public")
def accessibility() -> ResponseReturnValue:
    """Show the accessibility statement."""
    return render_template("public/accessibility.html")


@bp.get("/mentions-legales")
@access("public")
def legal() -> ResponseReturnValue:
    """Show the legal notice and what becomes of personal data."""
    return render_template("public/legal.html")


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
