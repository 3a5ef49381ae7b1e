"""What the pages of a school enrolment share: the child asked for, and the page that says why not."""

from typing import NamedTuple

from flask import abort, render_template
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.schools.candidates import Candidate, candidates, find_candidate
from domain.schools.requests import Draft, find_draft, standing_refusal
from domain.schools.rules import SchoolKind
from models.family import Family, FamilyState
from views.access import current_actor, current_family_id, declared_family_id, may_see_child
from views.errors import refusal_sentence
from views.extensions import db

NOT_VALIDATED = {
    FamilyState.DRAFT: "enrolment_family_draft",
    FamilyState.SUBMITTED: "enrolment_family_waits",
    FamilyState.REFUSED: "enrolment_family_refused",
}


class Asked(NamedTuple):
    """The family, the child and year asked for, and what is prepared."""

    family_id: int
    candidate: Candidate
    draft: Draft | None


def not_validated_page() -> tuple[str, int] | None:
    """Return the page that says why a family without a validated file may not enrol; None when it may."""
    if current_actor().family_ids:
        return None
    declared = declared_family_id()
    state = db.session.get_one(Family, declared).state if declared else FamilyState.DRAFT
    return refused_page(Refusal(NOT_VALIDATED[state]), has_file=False)


def refused_page(refusal: Refusal, *, has_file: bool = True) -> tuple[str, int]:
    """Return the page with the reason, and whom to ask."""
    page = render_template(
        "parent/school/refused.html", sentence=refusal_sentence(refusal), has_file=has_file
    )
    return page, 422


def seen_candidates(family_id: int) -> list[Candidate]:
    """Return the children and years of the family looked at, without the children that this adult may not see."""
    found = candidates(db.session(), family_id=family_id, now=clock.now())
    return [one for one in found if may_see_child(one.child_id)]


def asked_or_404(starts_in: int, child_id: int) -> Asked:
    """Return what is asked for one of the family's children; 404 for any other child."""
    family_id = current_family_id()
    found = find_candidate(
        db.session(), family_id=family_id, child_id=child_id, starts_in=starts_in, now=clock.now()
    )
    if found is None:
        abort(404)
    return Asked(family_id, found, find_draft(db.session(), family_id=family_id, candidate=found))


def why_not(candidate: Candidate) -> tuple[str, int] | None:
    """Return the page that says why this child cannot be asked for now; None when it can."""
    return None if candidate.may_ask else refused_page(standing_refusal(candidate))


def kind_name(kind: SchoolKind) -> str:
    """Return the kind of school, within a sentence."""
    return _("maternelle") if kind is SchoolKind.NURSERY else _("élémentaire")
