"""The PDF of a statement: drawn once from what it says, kept with its checksum."""

from datetime import date

from sqlalchemy import update

from domain.clock import local_day
from domain.family.rules import written_family_code
from gateways.pdf import (
    AccountContext,
    AttendanceContext,
    StatementHead,
    TaxChild,
    TaxContext,
    address_lines,
    render_account,
    render_attendance,
    render_tax_certificate,
)
from models.statements import Statement, StatementKind
from views.extensions import db
from views.invoice_documents import keep_pdf, read_pdf, render_document
from views.languages import FRENCH, speaking
from views.letterhead import letterhead
from views.statement_words import account_row, attendance_row

NAMES = {
    StatementKind.TAX: "attestation-fiscale",
    StatementKind.ATTENDANCE: "attestation-presence",
    StatementKind.ACCOUNT: "releve-de-compte",
}


def statement_filename(statement: Statement) -> str:
    """Return what a statement's PDF is called: ``attestation-fiscale-AF2027-000012.pdf``."""
    return f"{NAMES[statement.kind]}-{statement.number}.pdf"


def statement_pdf(statement: Statement) -> bytes:
    """Return the kept PDF of a statement, drawn when it is first asked for. The caller commits."""
    if statement.file_id is not None:
        return read_pdf(statement.file_id)
    data = _draw(statement)
    kept = keep_pdf(data, statement_filename(statement))
    bound = db.session.execute(
        update(Statement)
        .where(Statement.id == statement.id, Statement.file_id.is_(None))
        .values(file_id=kept.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(statement, ["file_id"])
    if bound.rowcount:  # type: ignore[attr-defined]
        return data
    db.session.delete(kept)
    if statement.file_id is None:
        msg = f"{statement.number} is bound to no file"
        raise LookupError(msg)
    return read_pdf(statement.file_id)


@speaking(FRENCH)
def _draw(statement: Statement) -> bytes:
    match statement.kind:
        case StatementKind.TAX:
            return render_tax_certificate(render_document, _tax(statement))
        case StatementKind.ATTENDANCE:
            return render_attendance(render_document, _attendance(statement))
        case StatementKind.ACCOUNT:
            return render_account(render_document, _account(statement))


def _head(statement: Statement) -> StatementHead:
    before = db.session.get(Statement, statement.replaces_id) if statement.replaces_id else None
    code = statement.head["family_code"]
    return StatementHead(
        number=statement.number,
        issued_on=local_day(statement.issued_at),
        payer=statement.head["payer_name"],
        family_code=written_family_code(code) if code else "",
        replaces=before.number if before is not None else "",
    )


def _address(statement: Statement) -> tuple[str, ...]:
    return address_lines(statement.head["payer_name"], statement.head["payer_address"])


def _tax(statement: Statement) -> TaxContext:
    facts = statement.facts
    return TaxContext(
        town=letterhead(),
        address=_address(statement),
        head=_head(statement),
        year=statement.first_on.year,
        age_limit=facts["age_limit"],
        children=tuple(
            TaxChild(
                child["name"],
                date.fromisoformat(child["born_on"]),
                tuple((activity, cents) for activity, cents in child["lines"]),
                child["cents"],
            )
            for child in facts["children"]
        ),
        total_cents=facts["total_cents"],
        cesu_cents=sum(child["cesu_cents"] for child in facts["children"]),
    )


def _attendance(statement: Statement) -> AttendanceContext:
    facts = statement.facts
    return AttendanceContext(
        town=letterhead(),
        address=_address(statement),
        head=_head(statement),
        child_name=facts["child_name"],
        born_on=date.fromisoformat(facts["born_on"]),
        first_on=statement.first_on,
        last_on=statement.last_on,
        rows=tuple(attendance_row(row) for row in facts["activities"]),
        day_count=facts["day_count"],
    )


def _account(statement: Statement) -> AccountContext:
    facts = statement.facts
    return AccountContext(
        town=letterhead(),
        address=_address(statement),
        head=_head(statement),
        first_on=statement.first_on,
        last_on=statement.last_on,
        opening_cents=facts["opening_cents"],
        rows=tuple(account_row(row) for row in facts["rows"]),
        closing_cents=facts["closing_cents"],
    )
