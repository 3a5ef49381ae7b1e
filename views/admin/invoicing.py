"""Facturation du mois: preview with totals, issue by the worker with a progress bar, then the print batch."""

from io import BytesIO
from typing import Any

from flask import abort, flash, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.actor import Role
from domain.dates import add_months, first_of_month, read_month
from domain.errors import Refusal
from domain.invoicing.operations import preview_run, start_run
from domain.invoicing.printing import make_print_batch, recent_batches, unprinted_count
from domain.invoicing.queries import recent_runs, run_families
from models.invoices import InvoiceRun, RunState
from models.messages import PrintBatch
from views.access import back_to_sign_in, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.invoice_documents import PDF, read_pdf
from views.jobs import wake

PAGE = 100
MONTHS_BACK, MONTHS_AHEAD = 6, 1
ROLES = frozenset({Role.ADMINISTRATOR, Role.REGISSEUR})
ANOMALIES = {
    "no_roll_call": "journées sans pointage",
    "no_quotient": "sans quotient familial valable",
    "zero": "montant nul",
    "unusual": "trois fois le montant habituel",
}


class InvoicingView(BaseView):
    """The régisseur's month: choose, look, issue, print."""

    access = tuple(role.value for role in ROLES)

    def is_accessible(self) -> bool:
        """Whether the person is a régisseur or an administrator."""
        return bool(current_user.is_authenticated and current_actor().roles & ROLES)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        """Send a visitor to the sign-in page; refuse anybody else."""
        return abort(403) if current_user.is_authenticated else back_to_sign_in()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Choose a month; see the latest runs and what waits for the printer."""
        month = first_of_month(clock.today())
        months = [add_months(month, -back) for back in range(-MONTHS_AHEAD, MONTHS_BACK)]
        return self.render(
            "admin/invoicing.html",
            months=months,
            chosen=add_months(month, -1),
            runs=recent_runs(db.session()),
            unprinted=unprinted_count(db.session()),
            batches=recent_batches(db.session()),
        )

    @expose("/preparer", methods=["POST"])
    def prepare(self) -> ResponseReturnValue:
        """Work a month out, without issuing anything."""
        try:
            month = read_month(request.form.get("month", ""))
        except ValueError:
            abort(404)
        return self._do(
            lambda: preview_run(db.session(), actor=current_actor(), now=clock.now(), month=month)
        )

    @expose("/<int:run_id>")
    def run(self, run_id: int) -> ResponseReturnValue:
        """Show a run: its totals, its anomalies, how far it is."""
        found = self._run(run_id)
        page = max(0, request.args.get("page", 0, type=int))
        only_anomalies = request.args.get("vue") == "anomalies"
        families = run_families(
            db.session(), run_id, only_anomalies=only_anomalies, offset=page * PAGE, limit=PAGE + 1
        )
        return self.render(
            "admin/invoicing_run.html",
            run=found,
            families=families[:PAGE],
            has_more=len(families) > PAGE,
            page=page,
            only_anomalies=only_anomalies,
            words=ANOMALIES,
        )

    @expose("/<int:run_id>/emettre", methods=["POST"])
    def issue(self, run_id: int) -> ResponseReturnValue:
        """Give the run to the worker."""
        self._run(run_id)
        return self._do(
            lambda: start_run(db.session(), actor=current_actor(), now=clock.now(), run_id=run_id)
        )

    @expose("/<int:run_id>/avancement")
    def progress(self, run_id: int) -> ResponseReturnValue:
        """Say how far the run is, to the script of the progress bar."""
        found = self._run(run_id)
        is_over = found.state in (RunState.ISSUED, RunState.FAILED)
        return jsonify(done=found.done_count, total=found.family_count, finished=is_over)

    @expose("/imprimer", methods=["POST"])
    def print_batch(self) -> ResponseReturnValue:
        """Put the paper invoices that wait into one PDF."""
        batch = make_print_batch(db.session(), actor=current_actor(), now=clock.now())
        db.session.commit()
        if batch is None:
            flash(_("Aucune facture papier n’attend l’impression."), "info")
        else:
            wake("documents")
            flash(_("Le lot de %(count)s factures se prépare.", count=batch.invoice_count), "success")
        return redirect(self.get_url(".index"))

    @expose("/lots/<int:batch_id>.pdf")
    def batch_file(self, batch_id: int) -> ResponseReturnValue:
        """Give a print batch's PDF."""
        batch = db.session.get(PrintBatch, batch_id)
        if batch is None or batch.file_id is None:
            abort(404)
        name = f"factures-lot-{batch.id}.pdf"
        return send_file(
            BytesIO(read_pdf(batch.file_id)), mimetype=PDF, as_attachment=True, download_name=name
        )

    def _run(self, run_id: int) -> InvoiceRun:
        found = db.session.get(InvoiceRun, run_id)
        if found is None:
            abort(404)
        return found

    def _do(self, act: Any) -> ResponseReturnValue:
        """Do an act on a run, commit it, wake the worker, and show the run."""
        try:
            run: InvoiceRun = act()
        except Refusal as refusal:
            db.session.rollback()
            flash(refusal_sentence(refusal), "error")
            return redirect(self.get_url(".index"))
        run_id, is_issuing = run.id, run.state is RunState.ISSUING
        db.session.commit()
        if is_issuing:
            wake("invoices")
        return redirect(url_for(".run", run_id=run_id))
