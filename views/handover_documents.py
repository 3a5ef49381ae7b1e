"""The files that go to the Trésor public with a batch: a CSV and the same as a workbook, kept as they were."""

from collections.abc import Iterator

from domain.clock import local_day
from domain.recovery.handovers import Debt, debts
from gateways.exports import Euros, Row, csv_chunks, xlsx_bytes
from models.family import Civility
from models.recovery import HandoverBatch
from models.town import Town
from views.extensions import db
from views.formats import short_day
from views.invoice_documents import keep_file

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CIVILITIES = {Civility.MADAM: "Mme", Civility.SIR: "M.", Civility.NONE: ""}
# docs/tresor.md says what each column holds.
HEADER = (
    "Civilité",
    "Nom",
    "Prénom",
    "Adresse",
    "Complément d’adresse",
    "Code postal",
    "Ville",
    "Code famille",
    "Facture",
    "Date de la facture",
    "Mois facturé",
    "Montant dû",
    "Rappels envoyés le",
    "Nature",
    "Lot",
)


def keep_handover_files(batch: HandoverBatch) -> None:
    """Write the files of a batch and keep them. The caller commits."""
    rows = list(_rows(batch))
    name = f"tresor-{batch.number}"
    data = b"".join(csv_chunks(HEADER, rows))
    batch.csv_file_id = keep_file(data, f"{name}.csv", CSV).id
    workbook = xlsx_bytes(HEADER, rows, title=batch.number)
    batch.xlsx_file_id = keep_file(workbook, f"{name}.xlsx", XLSX).id
    db.session.flush()


def _rows(batch: HandoverBatch) -> Iterator[Row]:
    nature = db.session.get_one(Town, 1).handover_nature
    for debt in debts(db.session(), batch.id):
        yield (*_debtor(debt), *_debt(debt), nature, batch.number)


def _debtor(debt: Debt) -> Row:
    adult, home = debt.debtor.adult, debt.debtor.home
    names = (
        (CIVILITIES[adult.civility], adult.family_name, adult.given_name)
        if adult
        else ("", debt.debtor.family.name, "")
    )
    place = (home.line1, home.line2, home.postcode, home.city) if home else ("", "", "", "")
    return (*names, *place, debt.debtor.code)


def _debt(debt: Debt) -> Row:
    row = debt.row
    return (
        row.number,
        local_day(row.issued_at),
        row.month.strftime("%Y-%m") if row.month else "",
        Euros(row.handed_cents),
        ", ".join(short_day(day) for day in debt.reminded_on),
    )
