"""The documents of a school enrolment: the three that the law allows, and those of a derogation."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from domain.documents.needs import NeededDocument, needed_documents
from domain.schools.rules import DOMICILE, LAWFUL_DOCUMENTS

ENROLMENT_ACT, EXEMPTION_ACT = "school_enrolment", "sector_exemption"


@dataclass(frozen=True, slots=True)
class Papers:
    """What is asked for a child's enrolment, and what of it is there.

    Attributes:
        identity: of the child and of the adults; given before the request leaves.
        domicile: what proves it; a sworn statement may stand for it, and its checking never blocks.
        exemption: what the town asks with a derogation; empty without one.
    """

    identity: list[NeededDocument]
    domicile: list[NeededDocument]
    exemption: list[NeededDocument]

    @property
    def all(self) -> list[NeededDocument]:
        """Everything that is asked."""
        return [*self.identity, *self.domicile, *self.exemption]

    @property
    def missing(self) -> list[NeededDocument]:
        """What must still be given before the request may leave, domicile apart."""
        return [one for one in (*self.identity, *self.exemption) if one.is_blocking and not one.is_given]

    @property
    def has_domicile(self) -> bool:
        """Whether a proof of domicile is there, checked or not, or none is asked."""
        return not self.domicile or any(one.is_given for one in self.domicile)


def enrolment_papers(
    session: Session, *, family_id: int, child_id: int, is_exemption: bool, today: date
) -> Papers:
    """Return the documents of a child's school enrolment.

    Whatever staff ask for this act, only identity of the child, identity of the parents and domicile are
    shown: the law allows no other (Code de l'éducation, D131-3-1). A derogation may ask for more.
    """
    lawful = [
        one
        for one in needed_documents(
            session, act=ENROLMENT_ACT, family_id=family_id, child_id=child_id, today=today
        )
        if one.type_code in LAWFUL_DOCUMENTS
    ]
    more = []
    if is_exemption:
        known = {(one.type_id, one.subject_id) for one in lawful}
        asked = needed_documents(
            session, act=EXEMPTION_ACT, family_id=family_id, child_id=child_id, today=today
        )
        more = [one for one in asked if (one.type_id, one.subject_id) not in known]
    return Papers(
        identity=[one for one in lawful if one.type_code != DOMICILE],
        domicile=[one for one in lawful if one.type_code == DOMICILE],
        exemption=more,
    )
