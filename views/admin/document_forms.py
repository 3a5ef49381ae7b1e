"""The two answers to a document, on a page that shows several; the names on the page bear the document's id."""

from dataclasses import dataclass

from domain.documents.queue import ReviewedDocument
from views.document_answers import proposed_last_day
from views.forms.document_review import AcceptanceForm, DocumentRefusalForm


@dataclass(slots=True)
class DocumentForms:
    """What may be answered about one of the documents of a page."""

    document: ReviewedDocument
    acceptance: AcceptanceForm
    refusal: DocumentRefusalForm


def fresh_forms(document: ReviewedDocument) -> DocumentForms:
    """Return the forms as nobody has filled them."""
    return DocumentForms(document, _acceptance(document), _refusal(document))


def sent_acceptance(document: ReviewedDocument) -> DocumentForms:
    """Return the forms with the acceptance as it was sent."""
    return DocumentForms(document, AcceptanceForm(prefix=_prefix(document)), _refusal(document))


def sent_refusal(document: ReviewedDocument) -> DocumentForms:
    """Return the forms with the refusal as it was sent."""
    return DocumentForms(document, _acceptance(document), DocumentRefusalForm(prefix=_prefix(document)))


def _acceptance(document: ReviewedDocument) -> AcceptanceForm:
    last_day = proposed_last_day(document.id)
    return AcceptanceForm(formdata=None, prefix=_prefix(document), valid_until=last_day)


def _refusal(document: ReviewedDocument) -> DocumentRefusalForm:
    return DocumentRefusalForm(formdata=None, prefix=_prefix(document))


def _prefix(document: ReviewedDocument) -> str:
    return f"piece-{document.id}"
