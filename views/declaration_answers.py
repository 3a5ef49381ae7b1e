"""Answers to declarations, each with its e-mail, in the act's own transaction; the caller commits."""

from collections.abc import Sequence

from domain import clock
from domain.documents.queue import ReviewedDocument, note_told, untold_decisions
from domain.family.declared import DeclarationCase
from domain.family.review import ask_complement, refuse_declaration, validate_declaration
from models.documents import DocumentState
from models.family import Family
from views.access import current_actor
from views.extensions import db
from views.mailing import absolute, tell_family


def answer_validation(case: DeclarationCase, *, despite_duplicates: bool) -> Family:
    """Validate the file, and send its code famille.

    Raises:
        Refusal: see ``validate_declaration``.
    """
    family = validate_declaration(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        demarche_id=case.demarche.id,
        despite_duplicates=despite_duplicates,
    )
    _tell("declaration_validated", case, url=absolute("parent.home"), code=family.code)
    return family


def answer_refusal(case: DeclarationCase, reason: str) -> None:
    """Refuse the declaration with its reason.

    Raises:
        Refusal: see ``refuse_declaration``.
    """
    refuse_declaration(
        db.session(), actor=current_actor(), now=clock.now(), demarche_id=case.demarche.id, reason=reason
    )
    _tell("declaration_refused", case, url=absolute("parent.declaration"), why=reason.strip())


def send_back(case: DeclarationCase, reason: str) -> None:
    """Ask for a complement; the e-mail lists what is missing too.

    Raises:
        Refusal: see ``ask_complement``.
    """
    ask_complement(
        db.session(), actor=current_actor(), now=clock.now(), demarche_id=case.demarche.id, reason=reason
    )
    missing = [need for need in case.missing if need.held is None]
    _tell(
        "declaration_complement",
        case,
        url=absolute("parent.declaration"),
        why=reason.strip(),
        missing=missing,
    )


def _tell(kind: str, case: DeclarationCase, **facts: object) -> None:
    """Send the answer with the decisions on documents that the family was not told of."""
    family_id = case.sheet.family.id
    decisions = untold_decisions(db.session(), family_id)
    tell_family(
        kind,
        family_id,
        number=case.demarche.number,
        refused=_refused(decisions),
        **facts,
    )
    note_told(db.session(), decisions, clock.now())


def _refused(decisions: Sequence[ReviewedDocument]) -> list[ReviewedDocument]:
    return [one for one in decisions if one.state is DocumentState.REFUSED]
