"""The town's logo, shown on every page and letter."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import select

from domain import audit, clock
from domain.errors import Refusal
from gateways.files.logo import inspect_logo
from models.town import Town
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db

bp = Blueprint("admin_logo", __name__, url_prefix="/admin/logo")


class LogoForm(FlaskForm):
    """One picture."""

    logo = FileField(
        _l("Image"),
        [FileRequired(_l("Choisissez une image."))],
        description=_l("PNG ou JPEG, 2 Mo au plus ; elle est réduite à 160 pixels de haut."),
        render_kw={"accept": "image/png,image/jpeg"},
    )


@bp.route("", methods=["GET", "POST"])
@access("administrator")
def index() -> ResponseReturnValue:
    """Show the logo; put another in its place."""
    town = db.session.scalars(select(Town)).one()
    form = LogoForm()
    if form.validate_on_submit():
        try:
            media_type, data = inspect_logo(form.logo.data.stream, form.logo.data.filename or "")
        except Refusal as refusal:
            form.logo.errors = [refusal_sentence(refusal)]
        else:
            return _keep(town, data, media_type, _("Le logo est en place."))
    page = render_template("admin/logo.html", form=form, has_logo=town.logo is not None)
    return page, 422 if form.is_submitted() else 200


@bp.post("/retirer")
@access("administrator")
def remove() -> ResponseReturnValue:
    """Go back to the portal's own mark."""
    return _keep(db.session.scalars(select(Town)).one(), None, "", _("Le logo est retiré."))


def _keep(town: Town, data: bytes | None, media_type: str, words: str) -> ResponseReturnValue:
    town.logo, town.logo_media_type = data, media_type
    audit.record(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        action="change_logo",
        subject_kind="town",
        subject_id=town.id,
        after={"bytes": len(data or b"")},
    )
    db.session.commit()
    flash(words, "success")
    return redirect(url_for(".index"))
