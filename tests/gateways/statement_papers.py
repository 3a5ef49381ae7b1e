"""Statements to print in tests, complete and plausible."""

from datetime import date
from typing import Any

from gateways.pdf import (
    AccountContext,
    AccountRow,
    AttendanceContext,
    AttendanceRow,
    StatementHead,
    TaxChild,
    TaxContext,
)
from tests.gateways.papers import ADDRESS, TOWN

HEAD = StatementHead("AF2027-000012", date(2027, 1, 4), "Mme Alice Martin", "1002\u00a00174", "AF2027-000003")


def make_tax_certificate(**changes: Any) -> TaxContext:
    facts: dict[str, Any] = {
        "town": TOWN,
        "address": ADDRESS,
        "head": HEAD,
        "year": 2026,
        "age_limit": 6,
        "children": (
            TaxChild(
                "Zoé Martin",
                date(2021, 6, 2),
                (("Accueil de loisirs du mercredi", 26460), ("Garderie du soir", 11020)),
                37480,
            ),
            TaxChild("Tom Martin", date(2023, 2, 9), (("Garderie du matin", 8280),), 8280),
        ),
        "total_cents": 45760,
        "cesu_cents": 6000,
    }
    return TaxContext(**facts | changes)


def make_attendance(**changes: Any) -> AttendanceContext:
    facts: dict[str, Any] = {
        "town": TOWN,
        "address": ADDRESS,
        "head": HEAD,
        "child_name": "Zoé Martin",
        "born_on": date(2021, 6, 2),
        "first_on": date(2026, 9, 1),
        "last_on": date(2026, 11, 23),
        "rows": (
            AttendanceRow("Garderie du soir", "Élémentaire Jules Ferry", 5, "9 h 15", "2, 3, 5, 9, 10 nov."),
            AttendanceRow("Restauration", "Élémentaire Jules Ferry", 3, "", "2, 3, 5 nov."),
        ),
        "day_count": 5,
    }
    return AttendanceContext(**facts | changes)


def make_account(**changes: Any) -> AccountContext:
    facts: dict[str, Any] = {
        "town": TOWN,
        "address": ADDRESS,
        "head": HEAD,
        "first_on": date(2026, 11, 1),
        "last_on": date(2026, 12, 31),
        "opening_cents": 0,
        "rows": (
            AccountRow(date(2026, 11, 5), "Facture F2026-000123", ("Octobre 2026",), 14180, 14180),
            AccountRow(
                date(2026, 11, 12),
                "Paiement P2026-000045",
                ("Carte en ligne", "141,80 € sur la facture F2026-000123"),
                -15000,
                -820,
            ),
        ),
        "closing_cents": -820,
    }
    return AccountContext(**facts | changes)
