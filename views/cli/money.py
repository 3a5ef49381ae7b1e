"""``flask invoices`` and ``flask ledger-check``: a month without the browser, and the proof of the books."""

import sys
from datetime import date

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from domain import clock
from domain.actor import system
from domain.dates import read_month
from domain.errors import Refusal
from domain.invoicing.operations import preview_run, start_run
from domain.invoicing.recount import recount_month
from domain.payments.ledger import check_ledger
from models.base import stamp_session
from models.invoices import InvoiceRun, RunState
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import euros, of_month
from views.jobs.invoicing import issue_started_runs
from views.recount_words import difference_about, difference_sentence


def init_commands(app: Flask) -> None:
    """Add the commands to ``flask``."""
    app.cli.add_command(invoices)
    app.cli.add_command(ledger_check)


def _month(_context: click.Context, _parameter: click.Parameter, text: str) -> date:
    try:
        return read_month(text)
    except ValueError as error:
        raise click.BadParameter("écrivez le mois ainsi : 2026-11") from error


@click.group()
def invoices() -> None:
    """Préparer et émettre les factures d’un mois."""


@invoices.command()
@click.argument("month", callback=_month)
@with_appcontext
def preview(month: date) -> None:
    """Calculer un mois (par exemple 2026-11) sans rien émettre."""
    _show(_preview(month))
    db.session.commit()


@invoices.command()
@click.argument("month", callback=_month)
@with_appcontext
def issue(month: date) -> None:
    """Calculer un mois, puis l’émettre ; une émission interrompue reprend où elle en était."""
    interrupted = select(InvoiceRun).where(InvoiceRun.month == month, InvoiceRun.state == RunState.ISSUING)
    run = db.session.scalar(interrupted) or _preview(month)
    _show(run)
    start_run(db.session(), actor=system("invoices"), now=clock.now(), run_id=run.id)
    db.session.commit()
    with current_app.test_request_context("/", base_url=current_app.config["PREAU"].public_url):
        count = issue_started_runs()
    click.echo(f"{count} factures émises.")


@invoices.command()
@click.argument("month", callback=_month)
@with_appcontext
def recount(month: date) -> None:
    """Recalculer un mois émis et le comparer, ligne à ligne, à ce qui a été facturé ; rien n’est écrit."""
    found = recount_month(db.session(), month)
    click.echo(
        f"Mois {of_month(found.month)} : {found.document_count} factures et reports, "
        f"{euros(found.issued_cents)} émis, {euros(found.recounted_cents)} recalculés."
    )
    for one in found.differences:
        click.echo(f"{difference_about(one)} : {difference_sentence(one)}")
    if not found.is_right:
        sys.exit(1)
    click.echo("Rien n’a changé.")


def _preview(month: date) -> InvoiceRun:
    actor, now = system("invoices"), clock.now()
    stamp_session(db.session(), actor.label, now)
    try:
        return preview_run(db.session(), actor=actor, now=now, month=month)
    except Refusal as refusal:
        raise click.ClickException(refusal_sentence(refusal)) from refusal


def _show(run: InvoiceRun) -> None:
    click.echo(
        f"Factures {of_month(run.month)} : {run.invoice_count} factures, {euros(run.control_total_cents)} ; "
        f"{run.carried_count} reportées, {run.anomaly_count} anomalies."
    )


@click.command("ledger-check")
@with_appcontext
def ledger_check() -> None:
    """Prouver que chaque solde est égal à la somme de ses mouvements."""
    differences = check_ledger(db.session())
    for one in differences:
        found, wanted = (
            cents if one.is_count else euros(cents) for cents in (one.found_cents, one.expected_cents)
        )
        click.echo(f"{one.what} : {found} au lieu de {wanted}")
    if differences:
        sys.exit(1)
    click.echo("Les comptes sont justes.")
