"""Statements in words: what a movement of the account is, the days and hours of an activity."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.invoicing.queries import written_days
from gateways.pdf import AccountRow, AttendanceRow
from views.formats import clock_time, euros, month, pen

MEANS = {
    "card_online": _l("Carte bancaire en ligne"),
    "card_desk": _l("Carte bancaire au guichet"),
    "cash": _l("Espèces"),
    "cheque": _l("Chèque"),
    "cesu": _l("CESU"),
    "ancv": _l("Chèques-vacances (ANCV)"),
    "transfer": _l("Virement"),
    "direct_debit": _l("Prélèvement automatique"),
    "tresor": _l("Trésor public"),
}


def account_row(row: Mapping[str, Any]) -> AccountRow:
    """Return a movement of the account as people read it."""
    return AccountRow(
        on=date.fromisoformat(row["on"]),
        label=_label(row),
        details=tuple(_details(row)),
        amount_cents=row["amount_cents"],
        balance_cents=row["balance_cents"],
    )


def _label(row: Mapping[str, Any]) -> str:
    number = row["number"]
    match row["kind"]:
        case "invoice":
            return _("Facture %(number)s", number=number)
        case "credit_note":
            return _("Avoir %(number)s", number=number)
        case "refund":
            return _("Remboursement %(number)s", number=number)
        case _:
            return _("Paiement %(number)s", number=number)


def _details(row: Mapping[str, Any]) -> list[str]:
    found = []
    if row.get("month"):
        found.append(month(date.fromisoformat(row["month"])).capitalize())
    if row.get("corrects"):
        found.append(_("Corrige la facture %(number)s", number=row["corrects"]))
    if row.get("means"):
        found.append(str(MEANS[row["means"]]))
    found += [
        _("%(amount)s sur la facture %(number)s", amount=euros(cents), number=number)
        for number, cents in row["shares"]
        if number != row.get("corrects")
    ]
    return found


def attendance_row(row: Mapping[str, Any]) -> AttendanceRow:
    """Return the days of an activity as people read them."""
    days = [date.fromisoformat(day) for day in row["days"]]
    return AttendanceRow(
        activity=row["activity"],
        site=row["site"],
        day_count=len(days),
        hours=clock_time(row["minutes"]) if row["minutes"] is not None else "",
        days=", ".join(written_days(days, pen())),
    )
