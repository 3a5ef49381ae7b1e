"""Attestations: a year's tax certificates for all families, and every statement of one family."""

from io import BytesIO

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.family.sheet import family_sheet
from domain.invoicing.printing import drawn_counts
from domain.statements.account import account_facts
from domain.statements.operations import issue_account, issue_attendance, issue_tax_certificate
from domain.statements.queries import tax_years
from domain.statements.yearly import print_certificates, start_tax_run, tax_batches, tax_year_rows
from models.family import Family
from models.messages import PrintBatch, PrintedKind
from models.statements import Statement, TaxRun
from views.access import access, current_actor
from views.extensions import db
from views.forms.statement import in_address, period_form
from views.invoice_documents import PDF, read_pdf
from views.jobs import wake
from views.statement_words import account_row
from views.statements import give_statement, school_year_so_far, year_so_far

bp = Blueprint("admin_statements", __name__, url_prefix="/admin/attestations")
OFFICE = ("administrator", "school_agent", "regisseur")


@bp.get("/")
@access(*OFFICE)
def index() -> ResponseReturnValue:
    """Show each year's tax certificates: how many, how far the run is, what waits for the printer."""
    batches = tax_batches(db.session())
    waiting = [batch.id for batch in batches if batch.ready_at is None]
    return render_template(
        "admin/statements.html",
        years=tax_year_rows(db.session(), today=clock.today()),
        batches=batches,
        drawn=drawn_counts(db.session(), waiting),
    )


@bp.post("/<int:year>/etablir")
@access(*OFFICE)
def issue_year(year: int) -> ResponseReturnValue:
    """Give a year's certificates to the worker."""
    start_tax_run(db.session(), actor=current_actor(), now=clock.now(), year=year)
    db.session.commit()
    wake("certificates")
    flash(_("Les attestations fiscales %(year)s s’établissent.", year=year), "success")
    return redirect(url_for(".index"))


@bp.get("/campagnes/<int:tax_run_id>/avancement")
@access(*OFFICE)
def progress(tax_run_id: int) -> ResponseReturnValue:
    """Say how far a year is, to the script of the progress bar."""
    run = db.session.get(TaxRun, tax_run_id)
    if run is None:
        abort(404)
    return jsonify(done=run.seen_count, total=run.family_count, finished=run.finished_at is not None)


@bp.post("/<int:year>/imprimer")
@access(*OFFICE)
def print_year(year: int) -> ResponseReturnValue:
    """Put the certificates of families on paper into one PDF."""
    batch = print_certificates(db.session(), actor=current_actor(), now=clock.now(), year=year)
    db.session.commit()
    if batch is None:
        flash(_("Aucune attestation n’attend l’impression."), "info")
    else:
        wake("documents")
        flash(_("Le lot de %(count)s attestations se prépare.", count=batch.invoice_count), "success")
    return redirect(url_for(".index"))


@bp.get("/lots/<int:batch_id>.pdf")
@access(*OFFICE)
def batch_file(batch_id: int) -> ResponseReturnValue:
    """Give the PDF of a batch of certificates."""
    batch = db.session.get(PrintBatch, batch_id)
    if batch is None or batch.file_id is None or batch.kind is not PrintedKind.TAX_CERTIFICATES:
        abort(404)
    name = f"attestations-lot-{batch.id}.pdf"
    return send_file(BytesIO(read_pdf(batch.file_id)), mimetype=PDF, as_attachment=True, download_name=name)


@bp.get("/famille/<int:family_id>")
@access(*OFFICE)
def family(family_id: int) -> ResponseReturnValue:
    """Show what can be attested to a family, and its account over a period."""
    found = _family(family_id)
    today = clock.today()
    form = period_form(request.args, *year_so_far(today))
    facts = None
    if not form.errors:
        facts = account_facts(db.session(), family_id=family_id, first_on=form.du.data, last_on=form.au.data)
    page = render_template(
        "admin/statements_family.html",
        family=found,
        years=tax_years(db.session(), family_id=family_id, today=today),
        children=family_sheet(db.session(), family_id, today).children,
        presence=period_form({}, *school_year_so_far(today)),
        form=form,
        facts=facts,
        rows=[account_row(row) for row in facts["rows"]] if facts else [],
        period=in_address(form) if facts else None,
    )
    return page, 422 if form.errors else 200


@bp.get("/famille/<int:family_id>/fiscale/<int:year>")
@access(*OFFICE)
def tax_certificate(family_id: int, year: int) -> ResponseReturnValue:
    """Give a family's tax certificate."""
    _family(family_id)
    found = issue_tax_certificate(
        db.session(), actor=current_actor(), now=clock.now(), family_id=family_id, year=year
    )
    return give_statement(found)


@bp.get("/famille/<int:family_id>/presence/<int:child_id>")
@access(*OFFICE)
def attendance(family_id: int, child_id: int) -> ResponseReturnValue:
    """Give the attendance statement of a child for one of its families."""
    _family(family_id)
    form = period_form(request.args, *school_year_so_far(clock.today()))
    if form.errors:
        flash(_("La période n’est pas juste : vérifiez les deux dates."), "error")
        return redirect(url_for(".family", family_id=family_id))
    found = issue_attendance(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=family_id,
        child_id=child_id,
        first_on=form.du.data,
        last_on=form.au.data,
    )
    return give_statement(found)


@bp.get("/famille/<int:family_id>/releve")
@access(*OFFICE)
def account(family_id: int) -> ResponseReturnValue:
    """Give the statement of a family's account."""
    _family(family_id)
    form = period_form(request.args, *year_so_far(clock.today()))
    if form.errors:
        return redirect(url_for(".family", family_id=family_id, **request.args))
    found = issue_account(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=family_id,
        first_on=form.du.data,
        last_on=form.au.data,
    )
    return give_statement(found)


@bp.get("/documents/<int:statement_id>")
@access(*OFFICE)
def statement(statement_id: int) -> ResponseReturnValue:
    """Give a statement that was issued before, as it was."""
    found = db.session.get(Statement, statement_id)
    if found is None:
        abort(404)
    return give_statement(found)


def _family(family_id: int) -> Family:
    found = db.session.get(Family, family_id)
    if found is None:
        abort(404)
    return found
