"""Contested lines and credit notes: the queue, the answer, and the two clicks that correct an invoice."""

from collections import defaultdict
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from domain import clock
from domain.actor import Role
from domain.errors import Refusal
from domain.invoicing.contest import Contest, accept_contest, contests, refuse_contest
from domain.invoicing.credit import REASON_LENGTH, Corrected, correct_invoice, issued_lines
from domain.invoicing.queries import invoice_groups, linked_invoices
from domain.waiting.queries import Queue, beside
from models.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import euros, pen
from views.forms.decision import RefusalForm
from views.jobs import wake
from views.mailing import absolute, tell_family

ROLES = (Role.ADMINISTRATOR.value, Role.REGISSEUR.value)
bp = Blueprint("admin_corrections", __name__, url_prefix="/admin/corrections")


class CreditForm(FlaskForm):
    """What is given back, and why."""

    what = RadioField(
        _l("Que rendez-vous ?"),
        [InputRequired(_l("Choisissez ce que vous rendez."))],
        choices=[
            SelectChoice("lines", _l("Les lignes ou les jours cochés")),
            SelectChoice("all", _l("Toute la facture")),
        ],
        default="lines",
    )
    reason = TextAreaField(
        _l("Motif"),
        [InputRequired(_l("Écrivez pourquoi : la famille lira ce motif.")), Length(max=REASON_LENGTH)],
        description=_l("Il est imprimé sur l’avoir."),
        render_kw={"rows": 2},
    )
    bill_again = BooleanField(
        _l("Facturer de nouveau ces jours avec un prochain mois"),
        description=_l("Cochez si la facture était fausse mais que les jours sont dus."),
    )


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """List the contested lines that wait for an answer, oldest first."""
    return render_template("admin/contests.html", contests=contests(db.session(), only_open=True))


def _contest_or_404(demarche_id: int) -> Contest:
    found = contests(db.session(), demarche_id=demarche_id)
    if not found:
        abort(404)
    return found[0]


@bp.route("/contestations/<int:demarche_id>", methods=["GET", "POST"])
@access(*ROLES)
def contest(demarche_id: int) -> ResponseReturnValue:
    """Show a contested line with its reasons; refuse with a reason, or go and correct the invoice."""
    case = _contest_or_404(demarche_id)
    form = RefusalForm()
    if form.validate_on_submit():
        return _refuse(case, form.reason.data)
    groups = invoice_groups(db.session(), case.invoice_id, pen())
    line = next(line for group in groups for line in group.lines if line.id == case.line_id)
    page = render_template(
        "admin/contest.html",
        form=form,
        case=case,
        line=line,
        beside=beside(db.session(), Queue.CONTESTS, demarche_id),
    )
    return page, 422 if form.is_submitted() else 200


def _refuse(case: Contest, reason: str) -> ResponseReturnValue:
    try:
        refuse_contest(
            db.session(), actor=current_actor(), now=clock.now(), demarche_id=case.demarche_id, reason=reason
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".contest", demarche_id=case.demarche_id))
    tell_family(
        "contest_refused",
        case.family_id,
        number=case.number,
        invoice_number=case.invoice_number,
        label=case.label,
        why=reason.strip(),
        invoice_url=absolute("parent.invoice", invoice_id=case.invoice_id),
    )
    db.session.commit()
    flash(_("La réponse est enregistrée ; la famille est prévenue."), "success")
    return redirect(url_for(".index"), 303)


@bp.route("/factures/<int:invoice_id>", methods=["GET", "POST"])
@access(*ROLES)
def credit(invoice_id: int) -> ResponseReturnValue:
    """Choose what of an invoice is given back, and issue the credit note."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None or invoice.kind is InvoiceKind.CREDIT_NOTE:
        abort(404)
    case = _case_of(invoice)
    form = CreditForm()
    if form.validate_on_submit():
        try:
            done = _correct(invoice, form, case)
        except Refusal as refusal:
            db.session.rollback()
            form.what.errors = [refusal_sentence(refusal)]
        else:
            db.session.commit()
            wake("documents")
            flash(_said(done), "success")
            return redirect(url_for("invoice.details_view", id=done.note.id), 303)
    return _credit_page(invoice, form, case), 422 if form.is_submitted() else 200


def _case_of(invoice: Invoice) -> Contest | None:
    """Return the contested line that this correction answers, when the page was opened from it."""
    demarche_id = request.values.get("contestation", type=int)
    found = contests(db.session(), invoice_id=invoice.id)
    return next((one for one in found if one.demarche_id == demarche_id and one.is_open), None)


def _credit_page(invoice: Invoice, form: CreditForm, case: Contest | None) -> str:
    rows = db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    ).all()
    days = {
        line.id: [(item, date.fromisoformat(day)) for item, day in line.items]
        for line in issued_lines(db.session(), rows)
        if line.is_service
    }
    ticked = request.form.getlist("ligne", type=int) or ([case.line_id] if case else [])
    return render_template(
        "admin/credit.html",
        invoice=invoice,
        form=form,
        case=case,
        rows=rows,
        days=days,
        ticked=set(ticked),
        ticked_days=set(request.form.getlist("jour")),
        links=linked_invoices(db.session(), invoice),
        is_cancelled=invoice.state is InvoiceState.CANCELLED,
    )


def _given_back() -> dict[int, frozenset[int]]:
    """Read what is ticked: whole lines, or days as ``line:item``; a whole line includes its days."""
    days: dict[int, set[int]] = defaultdict(set)
    for text in request.form.getlist("jour"):
        line, _separator, item = text.partition(":")
        if line.isdecimal() and item.isdecimal():
            days[int(line)].add(int(item))
    whole = request.form.getlist("ligne", type=int)
    return {line: frozenset(items) for line, items in days.items()} | dict.fromkeys(whole, frozenset())


def _correct(invoice: Invoice, form: CreditForm, case: Contest | None) -> Corrected:
    """Correct, answer the contest if there is one, and tell the family, in one transaction."""
    actor, now = current_actor(), clock.now()
    done = correct_invoice(
        db.session(),
        actor=actor,
        now=now,
        invoice_id=invoice.id,
        given_back=None if form.what.data == "all" else _given_back(),
        reason=form.reason.data,
        bill_again=form.bill_again.data,
    )
    if case is not None:
        accept_contest(
            db.session(), actor=actor, now=now, demarche_id=case.demarche_id, note_number=done.note.number
        )
    again = done.invoice
    tell_family(
        "credit_note_issued",
        invoice.family_id,
        once_key=f"credit-note:{done.note.id}",
        number=done.note.number,
        invoice_number=invoice.number,
        total_cents=done.note.total_cents,
        reason_given=done.note.reason,
        new_number=again.number if again else "",
        new_total_cents=again.total_cents if again else 0,
        due_cents=again.due_cents if again else 0,
        credit_cents=done.credit_cents,
        invoice_url=absolute("parent.invoice", invoice_id=again.id if again else done.note.id),
    )
    return done


def _said(done: Corrected) -> str:
    if done.invoice is None:
        return _("L’avoir %(note)s est émis ; la famille est prévenue.", note=done.note.number)
    return _(
        "L’avoir %(note)s et la facture %(invoice)s (reste à payer : %(due)s) sont émis ; la famille est prévenue.",
        note=done.note.number,
        invoice=done.invoice.number,
        due=euros(done.invoice.due_cents),
    )
