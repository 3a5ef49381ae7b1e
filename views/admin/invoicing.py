"""Facturation du mois: preview with totals, issue by the worker with a progress bar, then the print batch."""

from io import BytesIO
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.actor import Role
from domain.dates import add_months, first_of_month, read_month
from domain.errors import Refusal
from domain.invoicing.drawing import failed_drawings, retry_drawings
from domain.invoicing.held import held_families, resume_run
from domain.invoicing.operations import families_of_month, start_run
from domain.invoicing.printing import drawn_counts, make_print_batch, recent_batches, unprinted_count
from domain.invoicing.queries import recent_runs, run_families
from domain.invoicing.recount import document_count, recount_month
from domain.jobs.queries import latest_job
from models.invoices import InvoiceRun, RunState
from models.jobs import JobKind
from models.messages import PrintBatch
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.invoice_documents import PDF, read_pdf
from views.jobs import wake
from views.office_jobs.invoicing import recount_facts
from views.office_jobs.kinds import TYPES
from views.office_jobs.start import begin, follow

PAGE = 100
MONTHS_BACK, MONTHS_AHEAD = 6, 1
ROLES = (Role.ADMINISTRATOR.value, Role.REGISSEUR.value)
bp = Blueprint("admin_invoicing", __name__, url_prefix="/admin/facturation")
ANOMALIES = {
    "no_roll_call": "journées sans pointage",
    "no_quotient": "sans quotient familial valable",
    "zero": "montant nul",
    "unusual": "trois fois le montant habituel",
}


@bp.get("/")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """Choose a month; see the latest runs and what waits for the printer."""
    month = first_of_month(clock.today())
    months = [add_months(month, -back) for back in range(-MONTHS_AHEAD, MONTHS_BACK)]
    batches = recent_batches(db.session())
    waiting = [batch.id for batch in batches if batch.ready_at is None]
    return render_template(
        "admin/invoicing.html",
        months=months,
        chosen=add_months(month, -1),
        runs=recent_runs(db.session()),
        unprinted=unprinted_count(db.session()),
        batches=batches,
        drawn=drawn_counts(db.session(), waiting),
        failed=failed_drawings(db.session()),
    )


@bp.post("/preparer")
@access(*ROLES)
def prepare() -> ResponseReturnValue:
    """Work a month out, without issuing anything."""
    try:
        month = read_month(request.form.get("month", ""))
    except ValueError:
        abort(404)
    total = len(families_of_month(db.session(), month))
    facts = {"month": month.isoformat()}
    try:
        begun = begin(JobKind.MONTH_PREVIEW, subject=f"{month:%Y-%m}", facts=facts, total=total)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".index"))
    return follow(JobKind.MONTH_PREVIEW, begun)


@bp.get("/<int:run_id>")
@access(*ROLES)
def run(run_id: int) -> ResponseReturnValue:
    """Show a run: its totals, its anomalies, how far it is."""
    found = _run(run_id)
    page = max(0, request.args.get("page", 0, type=int))
    only_anomalies = request.args.get("vue") == "anomalies"
    families = run_families(
        db.session(), run_id, only_anomalies=only_anomalies, offset=page * PAGE, limit=PAGE + 1
    )
    return render_template(
        "admin/invoicing_run.html",
        run=found,
        families=families[:PAGE],
        has_more=len(families) > PAGE,
        page=page,
        only_anomalies=only_anomalies,
        words=ANOMALIES,
        held=held_families(db.session(), run_id),
    )


@bp.post("/<int:run_id>/emettre")
@access(*ROLES)
def issue(run_id: int) -> ResponseReturnValue:
    """Give the run to the worker."""
    _run(run_id)
    return _do(lambda: start_run(db.session(), actor=current_actor(), now=clock.now(), run_id=run_id))


@bp.post("/<int:run_id>/reprendre")
@access(*ROLES)
def resume(run_id: int) -> ResponseReturnValue:
    """Go on with a stopped run: held families at their new amounts, or set aside for another preview."""
    _run(run_id)
    accept = request.form.get("montants") != "ecarter"
    return _do(
        lambda: resume_run(
            db.session(), actor=current_actor(), now=clock.now(), run_id=run_id, accept_changes=accept
        )
    )


@bp.get("/<int:run_id>/recalcul")
@access(*ROLES)
def recount(run_id: int) -> ResponseReturnValue:
    """Compare the run's month, line by line, with what was issued: counted now, or when the worker last did."""
    month = _run(run_id).month
    kept = latest_job(db.session(), JobKind.MONTH_RECOUNT, f"{month:%Y-%m}")
    is_small = document_count(db.session(), month) <= TYPES[JobKind.MONTH_RECOUNT].at_once
    if kept is not None and kept.finished_at is None:
        return redirect(url_for("admin_jobs.job", job_id=kept.id))
    if is_small:
        kept, found = None, recount_facts(recount_month(db.session(), month))
    else:
        found = kept.result if kept is not None and not kept.failure else {}
    return render_template(
        "admin/invoicing_recount.html", run_id=run_id, month=month, found=found, kept=kept, is_small=is_small
    )


@bp.post("/<int:run_id>/recalcul")
@access(*ROLES)
def count_again(run_id: int) -> ResponseReturnValue:
    """Let the worker count the month again."""
    month = _run(run_id).month
    facts = {"month": month.isoformat(), "run_id": run_id}
    total = document_count(db.session(), month)
    begun = begin(JobKind.MONTH_RECOUNT, subject=f"{month:%Y-%m}", facts=facts, total=total)
    return follow(JobKind.MONTH_RECOUNT, begun)


@bp.post("/documents/reessayer")
@access(*ROLES)
def redraw() -> ResponseReturnValue:
    """Let the worker try again now the documents that could not be drawn."""
    count = retry_drawings(db.session(), now=clock.now())
    db.session.commit()
    wake("documents")
    flash(_("%(count)s documents vont être dessinés de nouveau.", count=count), "info")
    return redirect(url_for(".index"))


@bp.get("/<int:run_id>/avancement")
@access(*ROLES)
def progress(run_id: int) -> ResponseReturnValue:
    """Say how far the run is, to the script of the progress bar."""
    found = _run(run_id)
    is_over = found.state in (RunState.ISSUED, RunState.FAILED)
    return jsonify(done=found.done_count, total=found.family_count, finished=is_over)


@bp.post("/imprimer")
@access(*ROLES)
def print_batch() -> ResponseReturnValue:
    """Put the paper invoices that wait into one PDF."""
    batch = make_print_batch(db.session(), actor=current_actor(), now=clock.now())
    db.session.commit()
    if batch is None:
        flash(_("Aucune facture papier n’attend l’impression."), "info")
    else:
        wake("documents")
        flash(
            _("Le lot de %(count)s documents se prépare.", count=batch.invoice_count + batch.reminder_count),
            "success",
        )
    return redirect(url_for(".index"))


@bp.get("/lots/<int:batch_id>.pdf")
@access(*ROLES)
def batch_file(batch_id: int) -> ResponseReturnValue:
    """Give a print batch's PDF."""
    batch = db.session.get(PrintBatch, batch_id)
    if batch is None or batch.file_id is None:
        abort(404)
    name = f"factures-lot-{batch.id}.pdf"
    return send_file(BytesIO(read_pdf(batch.file_id)), mimetype=PDF, as_attachment=True, download_name=name)


def _run(run_id: int) -> InvoiceRun:
    found = db.session.get(InvoiceRun, run_id)
    if found is None:
        abort(404)
    return found


def _do(act: Any) -> ResponseReturnValue:
    """Do an act on a run, commit it, wake the worker, and show the run."""
    try:
        run: InvoiceRun = act()
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".index"))
    run_id, is_issuing = run.id, run.state is RunState.ISSUING
    db.session.commit()
    if is_issuing:
        wake("invoices")
    return redirect(url_for(".run", run_id=run_id))
