"""Every kind of e-mail, as a family of Saint-Préau would get it: for the tests, and to look at.

``python -m tests.support.mails FOLDER`` writes one page and one text of each kind into a folder.
"""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from domain.look import shades
from tests.gateways.papers import TEMPLATES, render

PORTAL = "https://famille.saint-preau.example"
LINK = f"{PORTAL}/confirmer/WyIxMDAyMDE3NCIsImFsaWNlQHNhaW50LXByZWF1LmV4YW1wbGUiXQ.aSmVqA.d0bK3Jw7v2mXqC1o"
TOWN = SimpleNamespace(
    name="Saint-Préau",
    service_name="Service Scolaire-Enfance-Jeunesse",
    phone="+33238000000",
    email="sej@saint-preau.example",
    opening_hours="Du lundi au vendredi, de 8\u00a0h\u00a030 à 12\u00a0h et de 13\u00a0h\u00a030 à 17\u00a0h.",
    shades=shades("#0F6B5C"),
)
WHY = "Le certificat est illisible : photographiez-le à plat, en pleine lumière."
USER = SimpleNamespace(display_name="Alice Martin", email="alice@saint-preau.example")
SHEET = SimpleNamespace(
    number="D2026-000031",
    given_name="Jade",
    child_name="Jade Martin",
    level=SimpleNamespace(value="MS"),
    year_label="2027-2028",
    school_name="Maternelle Jacques Prévert",
    sector_school_name="Maternelle Jacques Prévert",
    wanted_school_name="Maternelle Les Tilleuls",
    is_exemption=True,
    reason="les classes de moyenne section de cette école sont complètes.",
)
REFUSED = [
    SimpleNamespace(kind_name="Justificatif de domicile de moins de 3 mois", about="", refusal_reason=WHY),
    SimpleNamespace(kind_name="Assurance scolaire", about="Léo Martin", refusal_reason="Elle a expiré."),
]
MISSING = [
    SimpleNamespace(type_name="Livret de famille ou acte de naissance", subject_name="Léo Martin"),
    SimpleNamespace(type_name="Justificatif de domicile de moins de 3 mois", subject_name="la famille"),
]
DEBIT = {
    "account": "FR76 **** 0123",
    "account_url": f"{PORTAL}/compte",
    "rum": "PREAU-10020174-0001",
}
INVOICE = {"number": "F2026-000123", "invoice_url": f"{PORTAL}/factures/123"}
CONTEST = {
    "number": "D2026-000044",
    "label": "Étude surveillée",
    "invoice_number": "F2026-000123",
    "invoice_url": f"{PORTAL}/factures/123",
    "review_url": f"{PORTAL}/admin/contestations/44",
    "message": "Léo était malade le 12 novembre, j’avais appelé l’école le matin même.",
    "why": "l’appel du 12 novembre n’a été reçu ni par l’école, ni par le service.",
}
# What only one kind says, or says otherwise than the others.
OF_KIND: dict[str, dict[str, Any]] = {
    "invoice_issued": INVOICE,
    "contest_refused": CONTEST,
    "line_contested": CONTEST,
    "line_contested_staff": CONTEST,
    "credit_note_issued": {"number": "A2026-000007", "invoice_url": f"{PORTAL}/factures/124"},
    "debit_withdrawn": INVOICE,
    "debit_returned": INVOICE | {"why": "provision insuffisante"},
    "declaration_received": {
        "missing": [("Livret de famille ou acte de naissance", "Léo Martin")],
        "url": f"{PORTAL}/declaration",
    },
    "deadline_reminder": {
        "lines": [
            SimpleNamespace(
                child_name=name,
                activity_name="Restauration",
                day=date(2026, 11, 30),
                book_until=datetime(2026, 11, 27, 9, tzinfo=UTC),
            )
            for name in ("Léo", "Jade")
        ]
    },
    "event_announced": {
        "why": "grève du personnel de restauration",
        "lines": ["Léo, Restauration", "Jade, Restauration"],
    },
    "invoice_reminder": {
        "number": "L2027-000012",
        "invoices": [
            SimpleNamespace(number="F2026-000123", due_on=date(2026, 11, 30), due_cents=14180),
            SimpleNamespace(number="F2026-000201", due_on=date(2027, 1, 4), due_cents=4460),
        ],
        "total_cents": 18640,
    },
    "school_exemption_denied": {"sheet": SHEET},
    "wishes_answered": {
        "total": 84,
        "children": [
            ("Léo", 12, ["mercredi 10 février : place obtenue", "jeudi 11 février : en attente, 3e"])
        ],
    },
}
SHARED: dict[str, Any] = {
    "accepted": [
        SimpleNamespace(kind_name="Quotient familial (CAF)", about="", valid_until=date(2027, 1, 31))
    ],
    "activity_name": "Accueil de loisirs du mercredi",
    "alert": "other_amount",
    "amount_cents": 14180,
    "announced_cents": 14180,
    "astray_cents": 4000,
    "booked": ["jeudi 3 décembre : Restauration", "vendredi 4 décembre : Restauration, Garderie du soir"],
    "cancelled": ["mardi 1er décembre : Restauration"],
    "child_name": "Léo Martin",
    "code": "10020174",
    "collection_on": date(2026, 12, 8),
    "confirmation_link": LINK,
    "credit_cents": 820,
    "creditor_id": "FR12ZZZ123456",
    "day": date(2026, 12, 2),
    "days": 7,
    "due_cents": 5000,
    "due_on": date(2026, 11, 30),
    "effective_on": date(2026, 12, 15),
    "endings": [
        SimpleNamespace(
            kind_name="Assurance scolaire",
            subject=SimpleNamespace(name="Léo Martin"),
            last_day=date(2026, 12, 31),
        )
    ],
    "ends_on": date(2026, 11, 13),
    "expected_cents": 14810,
    "expires_at": datetime(2026, 11, 30, 17, tzinfo=UTC),
    "family_code": "10020174",
    "family_codes": ["10020174"],
    "given_back_cents": 1240,
    "holder": "Alice Martin",
    "host_name": "Alice Martin",
    "hours": 48,
    "invoice_number": "F2026-000123",
    "invoices": [("F2026-000123", 14180)],
    "is_accepted": True,
    "is_replacing": True,
    "is_resident": True,
    "last_day": date(2026, 12, 14),
    "left": ["mercredi 9 décembre : Accueil de loisirs du mercredi"],
    "left_on": date(2027, 1, 4),
    "lines": ("Appartement 12", "3 rue des Lilas", "45110 Saint-Préau"),
    "link": LINK,
    "mandate_ended": True,
    "missing": MISSING,
    "month": date(2026, 10, 1),
    "new_email": "alice.martin@courriel.example",
    "new_number": "F2026-000124",
    "new_total_cents": 13316,
    "number": "D2026-000031",
    "old_email": "alice@saint-preau.example",
    "paragraphs": (
        "Malgré notre premier rappel, 186,40 € restent à payer.",
        "Une difficulté ? Appelez-nous : un paiement en plusieurs fois est possible.",
    ),
    "pdf_url": f"{PORTAL}/declaration/accuse.pdf",
    "person_name": "Alice Martin",
    "policy": "credit",
    "reason_given": "quotient familial recalculé par la CAF : 700 au lieu de 850 depuis octobre.",
    "received_on": date(2026, 11, 12),
    "reference": "PR-2026-000321",
    "refused": REFUSED,
    "reset_link": LINK,
    "round_name": "Vacances d’hiver",
    "saved_at": datetime(2026, 11, 28, 14, 30, tzinfo=UTC),
    "service": "Le Service Scolaire-Enfance-Jeunesse",
    "sheet": SHEET,
    "signs_in_with_code": True,
    "starts_on": date(2026, 11, 12),
    "submitted_at": datetime(2026, 11, 28, 14, 30, tzinfo=UTC),
    "title": "Deuxième rappel",
    "total_cents": 14180,
    "town": TOWN,
    "user": USER,
    "valid_from": date(2026, 12, 1),
    "validated": ["Restauration", "Garderie du soir"],
    "value_cents": 85000,
    "waiting": ["Accueil de loisirs du mercredi"],
    "why": WHY,
    "year": 2026,
} | DEBIT


class Mail(NamedTuple):
    """The three things of a mail that a person reads."""

    subject: str
    text: str
    html: str


def kinds() -> list[str]:
    """Return every kind of mail that the portal can send."""
    return sorted({path.name.split(".")[0] for path in (TEMPLATES / "mail").iterdir()} - {"layout"})


def make_mail(kind: str, **changes: Any) -> Mail:
    """Return a mail of a kind with plausible facts."""
    pages = dict.fromkeys(
        ("url", "again_url", "sign_in_url", "forgotten_url", "family_url", "invoices_url"), f"{PORTAL}/page"
    )
    pages |= {
        "activation_url": f"{PORTAL}/activer",
        "password_url": LINK,
        "invoice_url": f"{PORTAL}/factures/123",
    }
    facts = SHARED | pages | OF_KIND.get(kind, {}) | changes
    return Mail(*(render(f"mail/{kind}.{part}", facts) for part in ("subject.txt", "txt", "html")))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in kinds():
        mail = make_mail(kind)
        (folder / f"{kind}.html").write_text(mail.html, encoding="utf-8")
        (folder / f"{kind}.txt").write_text(f"{mail.subject}\n\n{mail.text}", encoding="utf-8")
