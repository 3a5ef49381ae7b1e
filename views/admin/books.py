"""Comptes: the month's journal as a file, the proof of the books, the bank's statement against ours."""

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, abort, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.dates import add_months, first_of_month, read_month
from domain.errors import Refusal
from domain.payments.journal import journal_rows, journal_totals
from domain.payments.ledger import check_ledger
from domain.payments.reconciliation import Report, reconcile
from gateways.exports import Euros, Row, csv_chunks, xlsx_bytes
from gateways.imports.bank_statement import COLUMNS, read_statement
from gateways.imports.tables import MAX_BYTES
from views.access import access, current_actor
from views.admin.export import XLSX
from views.admin.words import word
from views.errors import refusal_sentence
from views.extensions import db

bp = Blueprint("admin_books", __name__, url_prefix="/admin/comptes")
MONTHS_BACK = 24
HEADER = ("Date", "Nature", "Pièce", "Code famille", "Famille", "Moyen", "Débit", "Crédit", "Par")


@bp.get("")
@access("administrator", "regisseur")
def index() -> ResponseReturnValue:
    """Show a month's sums, offer its journal, and prove the books when asked."""
    month = _month()
    this_month = first_of_month(clock.today())
    return render_template(
        "admin/books.html",
        month=month,
        months=[add_months(this_month, -back) for back in range(MONTHS_BACK)],
        totals=journal_totals(db.session(), month),
        differences=check_ledger(db.session()) if "preuve" in request.args else None,
    )


def _month() -> date:
    text = request.args.get("mois", "")
    try:
        return read_month(text) if text else first_of_month(clock.today())
    except ValueError:
        abort(404)


@bp.get("/journal.<kind>")
@access("administrator", "regisseur")
def journal(kind: str) -> ResponseReturnValue:
    """Give a month's journal as CSV or XLSX."""
    month = _month()
    if kind == "csv":
        answer = Response(stream_with_context(csv_chunks(HEADER, _cells(month))), mimetype="text/csv")
    elif kind == "xlsx":
        title = f"Journal {month:%Y-%m}"
        answer = Response(xlsx_bytes(HEADER, _cells(month), title=title), mimetype=XLSX)
    else:
        abort(404)
    answer.headers["Content-Disposition"] = f'attachment; filename="journal-{month:%Y-%m}.{kind}"'
    return answer


def _cells(month: date) -> Iterator[Row]:
    for row in journal_rows(db.session(), month):
        yield (
            row.at,
            word(row.kind.value),
            row.number,
            row.family_code or "",
            row.family_name,
            word(row.means.value) if row.means else "",
            Euros(row.debit_cents) if row.debit_cents else None,
            Euros(row.credit_cents) if row.credit_cents else None,
            row.by,
        )


@bp.route("/rapprochement", methods=["GET", "POST"])
@access("administrator", "regisseur")
def reconciliation() -> ResponseReturnValue:
    """Take the bank's statement and list what differs from our card payments."""
    error, report = "", None
    if request.method == "POST":
        try:
            report = _compared()
        except Refusal as refusal:
            db.session.rollback()
            error = refusal_sentence(refusal)
    page = render_template(
        "admin/reconciliation.html", error=error, report=report, columns=COLUMNS, kinds=_kinds()
    )
    return page, 422 if error else 200


def _compared() -> Report:
    upload = request.files.get("file")
    data = upload.stream.read(MAX_BYTES + 1) if upload and upload.filename else b""
    if not data:
        raise Refusal("import_no_file")
    report = reconcile(db.session(), actor=current_actor(), now=clock.now(), lines=read_statement(data))
    db.session.commit()
    return report


def _kinds() -> dict[str, tuple[str, str]]:
    """Return the words and the tone of each kind of difference."""
    return {
        "missing_here": (_("À la banque, pas chez nous"), "error"),
        "missing_there": (_("Chez nous, pas à la banque"), "error"),
        "other_amount": (_("Autre montant"), "warning"),
        "twice": (_("Deux fois à la banque"), "error"),
    }
