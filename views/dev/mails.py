"""The mail page of the development and demonstration modes: what would have left, readable here."""

from flask import Blueprint, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from models.messages import OutboxMail
from views.access import access
from views.extensions import db
from views.headers import CITIZEN_POLICY

bp = Blueprint("dev_mails", __name__, url_prefix="/dev/courriels")
PAGE = 100
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@bp.get("")
@access("public")
def index() -> ResponseReturnValue:
    """List the latest mails, of one recipient or about some words if asked."""
    words = request.args.get("q", "").strip()
    mails = select(
        OutboxMail.id, OutboxMail.recipient, OutboxMail.subject, OutboxMail.created_at, OutboxMail.state
    )
    if words:
        pattern = f"%{words.lower()}%"
        mails = mails.where(or_(OutboxMail.recipient.like(pattern), OutboxMail.subject.ilike(pattern)))
    rows = db.session.execute(mails.order_by(OutboxMail.id.desc()).limit(PAGE)).all()
    return render_template("dev/mails.html", mails=rows, words=words)


def _mail(mail_id: int) -> OutboxMail:
    mail = db.session.get(OutboxMail, mail_id)
    if mail is None:
        abort(404)
    return mail


@bp.get("/<int:mail_id>")
@access("public")
def read(mail_id: int) -> ResponseReturnValue:
    """Show a mail: its text with links to follow, and a frame with its HTML part."""
    g.content_policy = CITIZEN_POLICY.format(form_action="'self'") + "; frame-src 'self'"
    return render_template("dev/mail.html", mail=_mail(mail_id))


@bp.get("/<int:mail_id>/html")
@access("public")
def html_part(mail_id: int) -> ResponseReturnValue:
    """Give the HTML part alone, under a policy that runs nothing and loads nothing."""
    g.content_policy = MAIL_POLICY
    response = Response(_mail(mail_id).html_body, mimetype="text/html")
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
