"""Statements as parents and staff ask for them: the usual periods, and the answer that gives a PDF."""

from datetime import date
from io import BytesIO

from flask import Response, send_file

from models.statements import Statement
from views.extensions import db
from views.invoice_documents import PDF
from views.statement_documents import statement_filename, statement_pdf

SEPTEMBER = 9


def give_statement(statement: Statement) -> Response:
    """Answer with a statement's PDF, kept from now on; commits."""
    name = statement_filename(statement)
    data = statement_pdf(statement)
    db.session.commit()
    answer = send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def school_year_so_far(today: date) -> tuple[date, date]:
    """Return the days from the last first of September."""
    year = today.year if today.month >= SEPTEMBER else today.year - 1
    return date(year, SEPTEMBER, 1), today


def year_so_far(today: date) -> tuple[date, date]:
    """Return the days from the first of January."""
    return date(today.year, 1, 1), today
