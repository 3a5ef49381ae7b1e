"""Documents to print in tests, complete and plausible, and the environment that renders them."""

from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from gateways.pdf import (
    ChildSection,
    InvoiceContext,
    LetterContext,
    Letterhead,
    Line,
    ReceiptContext,
    ReminderContext,
    ReminderLine,
    SumLine,
    address_lines,
)
from views.formats import FILTERS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"

TOWN = Letterhead(
    name="Saint-Préau",
    service_name="Service Scolaire-Enfance-Jeunesse",
    address=("1 place de la Mairie", "45110 Saint-Préau"),
    phone="+33238000000",
    email="scolaire@saint-preau.example",
    opening_hours="Du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h.",
    siret="21459990000017",
)
ADDRESS = address_lines("Mme Alice Martin", "Appartement 12\n3 rue des Lilas\n45110 Saint-Préau")
MEALS = Line("Cantine", 16, 306, 4896, ("16 repas à 3,06 € : taux d'effort 0,36 % × quotient familial 850.",))
STUDIES = Line("Étude surveillée", 8, 210, 1680, ("8 soirs à 2,10 €, tarif unique.",))
FIRST = ChildSection("Léo Martin", (MEALS, STUDIES), 6576)
SECOND = ChildSection(
    "Zoé Martin",
    (
        Line(
            "Cantine", 14, 306, 4284, ("14 repas à 3,06 € : taux d'effort 0,36 % × quotient familial 850.",)
        ),
        Line("Garderie du soir", 7, 175, 1225, ("7 soirs à 1,75 €.",)),
        Line("Accueil de loisirs du mercredi", 3, 980, 2940, ("3 journées avec repas à 9,80 €.",)),
    ),
    8449,
)


def environment() -> Environment:
    """Return an environment like the portal's, without the portal."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    env.globals["language"] = "fr"
    env.filters.update({function.__name__: function for function in FILTERS})
    return env


ENVIRONMENT = environment()


def render(template: str, facts: dict[str, Any]) -> str:
    return ENVIRONMENT.get_template(template).render(**facts)


def make_letter(**changes: Any) -> LetterContext:
    facts: dict[str, Any] = {
        "town": TOWN,
        "written_on": date(2026, 11, 23),
        "family_name": "Martin",
        "address": ADDRESS,
        "family_code": "1002\u00a00174",
        "secret": "ABCDE-FGHJK",
        "url": "https://famille.saint-preau.example/activer",
        "qr_url": "https://famille.saint-preau.example/activer?code=10020174",
        "expires_on": date(2027, 1, 22),
    }
    return LetterContext(**facts | changes)


def make_invoice(**changes: Any) -> InvoiceContext:
    facts: dict[str, Any] = {
        "town": TOWN,
        "number": "F2026-000123",
        "issued_on": date(2026, 11, 2),
        "family_code": "1002\u00a00174",
        "address": ADDRESS,
        "sections": (FIRST, SECOND),
        "other_lines": (
            SumLine("Réduction fratrie, Zoé", -845, ("10 % de 84,49 € pour le deuxième enfant.",)),
        ),
        "period": date(2026, 10, 1),
        "due_on": date(2026, 11, 30),
        "total_cents": 14180,
        "due_cents": 14180,
        "means": (
            "En ligne, par carte, sur famille.saint-preau.example : payé aussitôt, sans frais.",
            "Au guichet, en espèces, par carte, chèque, CESU ou chèque-vacances.",
            "Par chèque à l'ordre du Trésor public, avec le numéro de la facture au dos.",
        ),
        "legal": (
            "Sans paiement à cette date, la somme est transmise au Trésor public, qui la recouvre.",
            "Une question, un désaccord ? Écrivez-nous : nous vous répondons avant toute poursuite.",
        ),
        "pay_url": "https://famille.saint-preau.example/factures/F2026-000123",
    }
    return InvoiceContext(**facts | changes)


def make_credit_note(**changes: Any) -> InvoiceContext:
    facts: dict[str, Any] = {
        "number": "A2026-000007",
        "corrects_number": "F2026-000123",
        "reason": "Quotient familial recalculé par la CAF : 700 au lieu de 850 depuis octobre.",
        "sections": (ChildSection("Léo Martin", (Line("Cantine", 16, 54, 864),), 864),),
        "other_lines": (),
        "total_cents": 864,
        "due_cents": 0,
        "due_on": None,
        "means": (),
        "pay_url": "",
    }
    return make_invoice(**facts | changes)


def make_receipt(**changes: Any) -> ReceiptContext:
    facts: dict[str, Any] = {
        "town": TOWN,
        "number": "Q2026-000045",
        "received_on": date(2026, 11, 12),
        "family_code": "1002\u00a00174",
        "address": ADDRESS,
        "amount_cents": 15000,
        "means": "Carte bancaire en ligne",
        "regie": "Régie enfance et restauration scolaire",
        "reference": "autorisation 453781",
        "allocations": (SumLine("F2026-000123, octobre 2026", 14180),),
        "credit_cents": 820,
    }
    return ReceiptContext(**facts | changes)


def make_reminder(**changes: Any) -> ReminderContext:
    facts: dict[str, Any] = {
        "town": TOWN,
        "number": "L2027-000012",
        "sent_on": date(2027, 1, 11),
        "title": "Un oubli, peut-être ?",
        "family_code": "1002\u00a00174",
        "address": ADDRESS,
        "paragraphs": (
            "Nous n’avons pas reçu 186,40 €.",
            "Si vous venez de payer, ne tenez pas compte de ce message.",
        ),
        "lines": (
            ReminderLine("F2026-000123", date(2026, 10, 1), date(2026, 11, 30), "2e", 14180),
            ReminderLine("F2026-000201", date(2026, 11, 1), date(2027, 1, 4), "1er", 4460),
        ),
        "total_cents": 18640,
        "means": ("En ligne, par carte bancaire, sur le portail famille.", "Au guichet."),
        "pay_url": "https://famille.saint-preau.example/factures",
    }
    return ReminderContext(**facts | changes)
