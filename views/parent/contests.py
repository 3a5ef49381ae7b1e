"""A parent contests a line of an invoice."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from domain import clock
from domain.errors import Refusal
from domain.invoicing.contest import MESSAGE_LENGTH, contest_line
from domain.invoicing.queries import ShownLine, invoice_groups
from models.demarches import Demarche
from models.invoices import Invoice
from models.town import Town
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import pen
from views.mailing import absolute, send_mail, tell_family
from views.parent.blueprint import bp
from views.parent.invoices import own_invoice


class ContestForm(FlaskForm):
    """What surprises the family."""

    message = TextAreaField(
        _l("Ce qui vous surprend"),
        [InputRequired(_l("Écrivez ce qui vous surprend dans cette ligne.")), Length(max=MESSAGE_LENGTH)],
        description=_l("Par exemple : Léo était absent le 12 novembre, nous avions prévenu."),
        render_kw={"rows": 5},
    )


@bp.route("/factures/<int:invoice_id>/lignes/<int:line_id>/contester", methods=["GET", "POST"])
@access("parent", after_departure=True)
def contest(invoice_id: int, line_id: int) -> ResponseReturnValue:
    """Ask the service to look at a line again."""
    invoice = own_invoice(invoice_id)
    child_name, line = _line_or_404(invoice, line_id)
    form = ContestForm()
    if form.validate_on_submit():
        try:
            demarche = contest_line(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                line_id=line_id,
                message=form.message.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            flash(refusal_sentence(refusal), "error")
            return redirect(url_for(".invoice", invoice_id=invoice_id))
        _tell(demarche, invoice, line, form.message.data)
        db.session.commit()
        flash(_("Votre contestation est transmise. La réponse arrivera par e-mail."), "success")
        return redirect(url_for(".invoice", invoice_id=invoice_id), 303)
    page = render_template(
        "parent/contest.html", form=form, invoice=invoice, line=line, child_name=child_name
    )
    return page, 422 if form.is_submitted() else 200


def _line_or_404(invoice: Invoice, line_id: int) -> tuple[str, ShownLine]:
    lines = (
        (group.child_name, line)
        for group in invoice_groups(db.session(), invoice.id, pen())
        for line in group.lines
        if line.id == line_id
    )
    found = next(lines, None)
    if found is None:
        abort(404)
    return found


def _tell(demarche: Demarche, invoice: Invoice, line: ShownLine, message: str) -> None:
    """Tell the family that it is heard, and the service that somebody waits; each once."""
    facts = {
        "number": demarche.number,
        "invoice_number": invoice.number,
        "label": line.label,
        "message": message,
    }
    key = f"contest:{demarche.id}"
    actor = current_actor()
    if actor.user_id:
        tell_family(
            "line_contested",
            invoice.family_id,
            once_key=key,
            invoice_url=absolute("parent.invoice", invoice_id=invoice.id),
            **facts,
        )
    service = db.session.scalar(select(Town.email))
    if service:
        url = absolute("admin_corrections.contest", demarche_id=demarche.id)
        send_mail("line_contested_staff", service, once_key=f"{key}:service", review_url=url, **facts)
