"""French that is left on a page of another language: words of ours, not the town's own data."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Session

from models.activities import Activity, ActivityDay, ActivityFormula, ActivityRegistration
from models.base import Base
from models.calendar import Closure, PublicHoliday
from models.documents import Document, DocumentType
from models.invoices import InvoiceLine
from models.schools import EnrolmentCampaign, ExemptionMotive, SectorExemption
from models.tariffs import Tariff
from models.town import Town
from models.wishes import WishRound, WishSheet

# Names of French institutions and papers, which a parent meets under these words.
NAMES = (
    "code famille", "quotient familial", "dérogation", "vœux", "maternelle", "élémentaire",
    "livret de famille", "attestation", "avis d’impôt", "régisseur", "Trésor public", "projet d’accueil individualisé",
    "Service Scolaire-Enfance-Jeunesse", "Défenseur des droits", "Libre réponse 71120, 75342 Paris CEDEX 07",
    "Préau", "Léo",
)  # fmt: skip
TELLING = re.compile(
    r"[àâçéèêëîïôûùœ«»]|\b(?:le|la|les|des|du|une|et|est|pour|avec|vous|votre|vos|nous|notre|pas|sur|aux|ce|cette|"
    r"jour|jours|mois|avant|facture|famille|enfant|lundi|mardi|jeudi|vendredi|janv|novembre|octobre)\b|\d,\d\d\s€|\d\sh\b",
)
SHOWN = ("alt", "aria-label", "title", "placeholder", "data-one", "data-many", "data-too-heavy")
HIDDEN = {"script", "style"}


def town_words(session: Session) -> list[str]:
    """Return every text that the database holds, the longest first: names, labels, what people wrote."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | Text):
                found.update(session.scalars(select(column).where(column.is_not(None)).distinct()))
    pieces = {line.strip() for text in found for line in str(text).splitlines()} | {
        str(text) for text in found
    }
    return sorted({plain(text) for text in pieces if len(text) > 1}, key=len, reverse=True)


def plain(text: str) -> str:
    """Return a text as two writings of it can be compared: plain spaces, one apostrophe, small letters."""
    return " ".join(text.replace("'", "’").split()).lower()


def shown_texts(element: Element, language: str) -> Iterable[str]:
    """Yield what a page says in its language, piece by piece: to eyes, to screen readers, and by its scripts."""
    if element.tag in HIDDEN or element.get("lang", language) != language:
        return
    yield from (element.get(name, "") for name in SHOWN)
    yield element.text or ""
    for child in element:
        yield from shown_texts(child, language)
        yield child.tail or ""


def quoted_texts(root: Element, language: str) -> list[str]:
    """Return what the page marks as said in another language, as plain texts: its title may repeat them."""
    marked = (element for element in root.iter() if element.get("lang", language) != language)
    return [plain(text) for element in marked for text in element.itertext() if len(text.strip()) > 1]


def french_left(texts: Iterable[str], data: Iterable[str]) -> list[str]:
    """Return the pieces that are French once names and the town's own words are taken out."""
    known, left = [*data, *map(plain, NAMES)], []
    for text in map(plain, texts):
        rest = text
        for words in known:
            if words in rest and TELLING.search(rest):
                rest = rest.replace(words, " ")
        if TELLING.search(rest):
            left.append(text)
    return left


# What the town itself types in French and its families read: names, labels, notices, the reasons of its answers.
# Names of people and of places are the same in every language.
TOWNS_OWN = (
    Activity.name, Activity.short_name, Activity.regulation, ActivityDay.closed_reason, ActivityFormula.name,
    ActivityRegistration.reason, Closure.reason, Document.refusal_reason, DocumentType.name, DocumentType.help_text,
    EnrolmentCampaign.text, ExemptionMotive.name, InvoiceLine.label, PublicHoliday.name, SectorExemption.reason,
    Tariff.unit_name, Tariff.units_name, Town.opening_hours, Town.service_name, Town.tresor_contact, Town.dpo_contact,
    WishRound.name, WishSheet.set_aside_reason,
)  # fmt: skip


def towns_own_texts(session: Session) -> list[str]:
    """Return what the town wrote, line by line, as it is shown: the longest first."""
    found = {text for column in TOWNS_OWN for text in session.scalars(select(column).distinct()) if text}
    lines = {plain(line) for text in found for line in text.splitlines()}
    return sorted((line for line in lines if len(line) > 3), key=len, reverse=True)


def unmarked(texts: Iterable[str], towns: Iterable[str]) -> list[str]:
    """Return the pieces in which the town's own words stand unmarked in another language's page."""
    words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, towns))})(?!\w)")
    return [text for text in map(plain, texts) if words.search(text)]
