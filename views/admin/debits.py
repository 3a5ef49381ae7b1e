"""Prélèvements: a batch announced, sent to the bank, settled; what the bank returns."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from domain import clock
from domain.direct_debits.batches import (
    announce_batch,
    candidates,
    withdraw_debits,
)
from domain.direct_debits.mandates import offers_direct_debit
from domain.direct_debits.queries import batch_debits, batches
from domain.direct_debits.returns import each_return, return_debit
from domain.direct_debits.rules import banking_day_from
from domain.errors import Refusal
from domain.jobs.queries import latest_job
from gateways.imports.bank_returns import MAX_BYTES, read_returns
from gateways.payments.sepa import XML
from models.direct_debits import BatchState, DebitBatch, DebitState, DirectDebit
from models.jobs import Job, JobKind, JobState
from models.town import Town
from views.access import access, current_actor
from views.admin.words import options
from views.debit_documents import (
    TOLD_BY_HAND,
    reason_words,
    tell_returned,
    tell_withdrawn,
    told_by_letter,
)
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.invoice_documents import read_pdf
from views.jobs import wake
from views.office_jobs.money import returns_facts
from views.office_jobs.start import begin, follow
from views.office_jobs.task import Facts

ROLES = ("administrator", "regisseur")
bp = Blueprint("admin_debits", __name__, url_prefix="/admin/prelevements")


class AnnounceForm(FlaskForm):
    """The day on which accounts will be debited."""

    collection_on = DateField(
        _l("Jour du prélèvement"),
        [InputRequired(_l("Choisissez le jour du prélèvement."))],
        format=["%Y-%m-%d", "%d/%m/%Y"],
    )


class ReturnsForm(FlaskForm):
    """The bank's answers."""

    file = FileField(
        _l("Compte rendu de la banque"),
        [FileRequired(_l("Choisissez le fichier de la banque."))],
        description=_l("Fichier XML pain.002, camt.053 ou camt.054. Le déposer deux fois ne change rien."),
        render_kw={"accept": ".xml,application/xml,text/xml"},
    )


class ReturnForm(FlaskForm):
    """Why the bank returned one debit."""

    reason = SelectField(_l("Motif de la banque"), [InputRequired(_l("Choisissez le motif."))])


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """Show what may be collected, the batches, and where the bank's answers are dropped; what became of one, by its file."""
    read = latest_job(db.session(), JobKind.DEBIT_RETURNS, request.args.get("compte_rendu", ""))
    return _index(report=read.result if read is not None and read.state is JobState.DONE else None), 200


def _index(
    announce_form: AnnounceForm | None = None,
    returns_form: ReturnsForm | None = None,
    report: Facts | None = None,
) -> str:
    notice_days = db.session.get_one(Town, 1).sepa_notice_days
    earliest = banking_day_from(clock.today() + timedelta(days=notice_days))
    announce_form = announce_form or AnnounceForm(formdata=None, collection_on=earliest)
    day = announce_form.collection_on.data or earliest
    return render_template(
        "admin/debits.html",
        announce_form=announce_form,
        returns_form=returns_form or ReturnsForm(formdata=None),
        earliest=earliest,
        report=report,
        is_offered=offers_direct_debit(db.session()),
        candidates=candidates(db.session(), day),
        batches=batches(db.session()),
        reason_words=reason_words,
    )


@bp.post("/remises")
@access(*ROLES)
def announce() -> ResponseReturnValue:
    """Make a batch and tell its families."""
    form = AnnounceForm()
    if not form.validate_on_submit():
        return _index(form), 422
    try:
        batch = announce_batch(
            db.session(), actor=current_actor(), now=clock.now(), collection_on=form.collection_on.data
        )
    except Refusal as refusal:
        db.session.rollback()
        form.collection_on.errors = [refusal_sentence(refusal)]
        return _index(form), 422
    families = sorted({debit.family_id for debit in batch_debits(db.session(), batch_id=batch.id)})
    facts = {"batch_id": batch.id, "number": batch.number, "families": families}
    begun = begin(JobKind.DEBIT_MAILS, subject=str(batch.id), facts=facts, total=len(families))
    return follow(JobKind.DEBIT_MAILS, begun)


@bp.get("/remises/<int:batch_id>")
@access(*ROLES)
def batch(batch_id: int) -> ResponseReturnValue:
    """Show a batch and its debits."""
    return _page(batch_id, ""), 200


def _page(batch_id: int, error: str) -> str:
    found = batches(db.session(), batch_id=batch_id)
    if not found:
        abort(404)
    debits = batch_debits(db.session(), batch_id=batch_id)
    return render_template(
        "admin/debit_batch.html",
        batch=found[0],
        has_file=db.session.get_one(DebitBatch, batch_id).file_id is not None,
        work=_work(batch_id),
        debits=debits,
        by_letter=told_by_letter(debits) if found[0].state is BatchState.ANNOUNCED else [],
        form=ConfirmForm(formdata=None),
        error=error,
        today=clock.today(),
        reason_words=reason_words,
    )


def _work(batch_id: int) -> Job | None:
    """Return what the worker does with a batch, or could not end."""
    for kind in (JobKind.DEBIT_PAYMENTS, JobKind.DEBIT_FILE):
        found = latest_job(db.session(), kind, str(batch_id))
        if found is not None and found.state is not JobState.DONE:
            return found
    return None


def _act(batch_id: int, act: Callable[[DebitBatch], str]) -> ResponseReturnValue:
    """Do something with a batch and come back to it; ``act`` returns what is to be said."""
    found = db.session.get(DebitBatch, batch_id)
    if found is None:
        abort(404)
    try:
        said = act(found)
    except Refusal as refusal:
        db.session.rollback()
        return _page(batch_id, refusal_sentence(refusal)), 422
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".batch", batch_id=batch_id))


@bp.post("/remises/<int:batch_id>/envoyer")
@access(*ROLES)
def send(batch_id: int) -> ResponseReturnValue:
    """Close a batch and write the bank's file."""
    return _hand(JobKind.DEBIT_FILE, batch_id)


def _hand(kind: JobKind, batch_id: int) -> ResponseReturnValue:
    """Do an act on all debits of a batch: at once when they are few."""
    found = db.session.get(DebitBatch, batch_id)
    if found is None:
        abort(404)
    facts = {"batch_id": batch_id, "number": found.number}
    total = len(batch_debits(db.session(), batch_id=batch_id))
    try:
        begun = begin(kind, subject=str(batch_id), facts=facts, total=total)
    except Refusal as refusal:
        db.session.rollback()
        return _page(batch_id, refusal_sentence(refusal)), 422
    return follow(kind, begun)


@bp.post("/remises/<int:batch_id>/retirer")
@access(*ROLES)
def withdraw(batch_id: int) -> ResponseReturnValue:
    """Take the ticked debits out of a batch, or all of them, and tell their families."""

    def act(found: DebitBatch) -> str:
        ids = request.form.getlist("debit", type=int)
        taken = withdraw_debits(
            db.session(), actor=current_actor(), now=clock.now(), batch_id=batch_id, debit_ids=ids
        )
        if not taken:
            raise Refusal("nothing_ticked")
        tell_withdrawn(found, [debit.id for debit in taken])
        return _("C’est retiré ; les familles sont prévenues.")

    return _act(batch_id, act)


@bp.post("/remises/<int:batch_id>/encaisser")
@access(*ROLES)
def settle(batch_id: int) -> ResponseReturnValue:
    """Take note that the bank has credited a batch."""
    return _hand(JobKind.DEBIT_PAYMENTS, batch_id)


@bp.get("/remises/<int:batch_id>.xml")
@access(*ROLES)
def bank_file(batch_id: int) -> ResponseReturnValue:
    """Give the bank's file of a batch."""
    found = db.session.get(DebitBatch, batch_id)
    if found is None or found.file_id is None:
        abort(404)
    name = f"prelevements-{found.number}.xml"
    return send_file(BytesIO(read_pdf(found.file_id)), mimetype=XML, as_attachment=True, download_name=name)


@bp.post("/rejets")
@access(*ROLES)
def returns() -> ResponseReturnValue:
    """Take the bank's answers, and show what became of each."""
    form = ReturnsForm()
    if not form.validate_on_submit():
        return _index(returns_form=form), 422
    data = form.file.data.stream.read(MAX_BYTES + 1)
    try:
        found = each_return(db.session(), read_returns(data))
    except Refusal as refusal:
        form.file.errors = [refusal_sentence(refusal)]
        return _index(returns_form=form), 422
    begun = begin(
        JobKind.DEBIT_RETURNS,
        subject=hashlib.sha256(data).hexdigest(),
        facts=returns_facts(form.file.data.filename or "", found),
        total=len(found),
    )
    if isinstance(begun, Job):
        return follow(JobKind.DEBIT_RETURNS, begun)
    db.session.commit()
    wake("mails")
    return _index(report=begun.result), 200


@bp.route("/<int:debit_id>/rejet", methods=["GET", "POST"])
@access(*ROLES)
def return_one(debit_id: int) -> ResponseReturnValue:
    """Note one debit's return, told by letter or on the bank's site."""
    debit = db.session.get(DirectDebit, debit_id)
    if debit is None or debit.state not in (DebitState.SENT, DebitState.COLLECTED, DebitState.RETURNED):
        abort(404)
    form = ReturnForm()
    form.reason.choices = options((code, f"{code} · {reason_words(code)}") for code in TOLD_BY_HAND)
    if form.validate_on_submit():
        try:
            done = return_debit(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                debit_id=debit_id,
                reason_code=form.reason.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            form.reason.errors = [refusal_sentence(refusal)]
        else:
            tell_returned([done])
            batch_id = debit.batch_id
            db.session.commit()
            flash(
                _("Le rejet est noté : la facture est de nouveau à payer, la famille est prévenue."),
                "success",
            )
            return redirect(url_for(".batch", batch_id=batch_id))
    row = batch_debits(db.session(), debit_ids=[debit_id])[0]
    page = render_template("admin/debit_return.html", form=form, debit=row, batch_id=debit.batch_id)
    return page, 422 if form.is_submitted() else 200
