"""Trésor public: what is to be handed over, the batches with their files, what it collected, what is taken back."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from domain import clock
from domain.errors import Refusal
from domain.recovery.handovers import (
    HandoverRow,
    candidates,
    handover_rows,
    recent_batches,
    record_tresor_payment,
    take_back,
    tresor_payments,
    undo_tresor_payment,
)
from models.family import Family
from models.jobs import JobKind
from models.payments import Payment, PaymentMeans
from models.recovery import Handover, HandoverBatch
from models.town import Town
from views.access import access, current_actor
from views.admin.recovery_forms import ReasonForm, TresorPaymentForm
from views.errors import refusal_sentence
from views.extensions import db
from views.handover_documents import CSV, XLSX
from views.invoice_documents import read_pdf
from views.office_jobs.start import begin, follow
from views.reminder_documents import level_words

ROLES = ("administrator", "regisseur")
bp = Blueprint("admin_handovers", __name__, url_prefix="/admin/tresor")


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """Show what may be handed over, what is held back, and the batches."""
    return _index(""), 200


def _index(error: str) -> str:
    return render_template(
        "admin/handovers.html",
        found=candidates(db.session(), now=clock.now()),
        batches=recent_batches(db.session()),
        rules=db.session.get_one(Town, 1),
        level_words=level_words,
        error=error,
    )


@bp.post("/verifier")
@access(*ROLES)
def check() -> ResponseReturnValue:
    """Ask before what cannot be undone lightly: the chosen invoices, on a page of their own."""
    ticked = set(request.form.getlist("invoice", type=int))
    chosen = [one for one in candidates(db.session(), now=clock.now()).ready if one.id in ticked]
    if not chosen or len(chosen) != len(ticked):
        code = "handover_not_ready" if ticked else "no_invoice_ticked"
        return _index(refusal_sentence(Refusal(code))), 422
    return render_template(
        "admin/handover_check.html", chosen=chosen, total_cents=sum(one.due_cents for one in chosen)
    )


@bp.post("")
@access(*ROLES)
def send() -> ResponseReturnValue:
    """Hand the chosen invoices over and keep the files of the batch."""
    chosen = sorted(set(request.form.getlist("invoice", type=int)))
    subject = hashlib.sha256(repr(chosen).encode()).hexdigest()[:16]
    try:
        begun = begin(JobKind.HANDOVER, subject=subject, facts={"invoices": chosen}, total=len(chosen))
    except Refusal as refusal:
        db.session.rollback()
        return _index(refusal_sentence(refusal)), 422
    return follow(JobKind.HANDOVER, begun)


@bp.get("/lots/<int:batch_id>")
@access(*ROLES)
def batch(batch_id: int) -> ResponseReturnValue:
    """Show a batch: each invoice as it was handed over, and as it stands now."""
    rows = handover_rows(db.session(), batch_id=batch_id)
    return render_template(
        "admin/handover_batch.html",
        batch=_batch(batch_id),
        rows=rows,
        left_cents=sum(row.due_cents for row in rows if row.is_live),
        payments={row.id: tresor_payments(db.session(), row.invoice_id) for row in rows},
    )


def _batch(batch_id: int) -> HandoverBatch:
    found = db.session.get(HandoverBatch, batch_id)
    if found is None:
        abort(404)
    return found


@bp.get("/lots/<int:batch_id>.<kind>")
@access(*ROLES)
def batch_file(batch_id: int, kind: str) -> ResponseReturnValue:
    """Give a file of a batch as it went."""
    found = _batch(batch_id)
    files = {"csv": (found.csv_file_id, CSV), "xlsx": (found.xlsx_file_id, XLSX)}
    file_id, media_type = files.get(kind, (None, ""))
    if file_id is None:
        abort(404)
    name = f"tresor-{found.number}.{kind}"
    return send_file(BytesIO(read_pdf(file_id)), mimetype=media_type, as_attachment=True, download_name=name)


@bp.route("/<int:handover_id>/reprendre", methods=["GET", "POST"])
@access(*ROLES)
def back(handover_id: int) -> ResponseReturnValue:
    """Take a hand-over back, with the reason."""
    handover, row = _handover(handover_id)
    form = ReasonForm()
    done = _("La facture %(number)s est reprise : la famille peut la payer à la commune.", number=row.number)
    answer = _act(
        form,
        lambda: take_back(handover_id=handover_id, reason=form.reason.data, **_signed()),
        handover.batch_id,
        done,
    )
    if answer is not None:
        return answer
    page = render_template("admin/handover_back.html", form=form, row=row, batch_id=handover.batch_id)
    return page, 422 if form.is_submitted() else 200


@bp.route("/<int:handover_id>/payer", methods=["GET", "POST"])
@access(*ROLES)
def paid(handover_id: int) -> ResponseReturnValue:
    """Take note of what the Trésor has collected of an invoice."""
    handover, row = _handover(handover_id)
    form = TresorPaymentForm()
    if not form.is_submitted():
        form.amount_cents.data = row.due_cents or None
    answer = _act(
        form,
        lambda: record_tresor_payment(
            handover_id=handover_id,
            amount_cents=form.amount_cents.data,
            reference=form.reference.data or "",
            **_signed(),
        ),
        handover.batch_id,
        _("Le paiement au Trésor public est noté sur la facture %(number)s.", number=row.number),
    )
    if answer is not None:
        return answer
    page = render_template("admin/handover_paid.html", form=form, row=row, batch_id=handover.batch_id)
    return page, 422 if form.is_submitted() else 200


def _handover(handover_id: int) -> tuple[Handover, HandoverRow]:
    found = db.session.get(Handover, handover_id)
    if found is None:
        abort(404)
    return found, handover_rows(db.session(), handover_id=handover_id)[0]


@bp.route("/paiements/<int:payment_id>/annuler", methods=["GET", "POST"])
@access(*ROLES)
def undo(payment_id: int) -> ResponseReturnValue:
    """Undo a note of the Trésor's money that was wrong."""
    payment = db.session.get(Payment, payment_id)
    if payment is None:
        abort(404)
    if payment.means is not PaymentMeans.TRESOR:
        raise Refusal("tresor_payment_undone")
    form = ReasonForm()
    if form.validate_on_submit() and _done(
        form, lambda: undo_tresor_payment(payment_id=payment_id, reason=form.reason.data, **_signed())
    ):
        flash(_("Le paiement est annulé : la facture est de nouveau à payer au Trésor public."), "success")
        return redirect(url_for(".index"))
    family = db.session.get_one(Family, payment.family_id)
    page = render_template("admin/handover_undo.html", form=form, payment=payment, family=family)
    return page, 422 if form.is_submitted() else 200


def _signed() -> dict[str, Any]:
    return {"session": db.session(), "actor": current_actor(), "now": clock.now()}


def _act(form: FlaskForm, act: Callable[[], object], batch_id: int, said: str) -> ResponseReturnValue | None:
    """Do what a form asks and go back to the batch; None while the form has to be shown."""
    if not (form.validate_on_submit() and _done(form, act)):
        return None
    flash(said, "success")
    return redirect(url_for(".batch", batch_id=batch_id))


def _done(form: FlaskForm, act: Callable[[], object]) -> bool:
    """Do an act and commit it; False when the form now says why not."""
    try:
        act()
    except Refusal as refusal:
        db.session.rollback()
        form.form_errors = [*form.form_errors, refusal_sentence(refusal)]
        return False
    db.session.commit()
    return True
