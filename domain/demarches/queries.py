"""What screens show of demarches."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.demarches.operations import residence_of
from models.demarches import AddressChange, Demarche, DemarcheKind, DemarcheState
from models.documents import Document, StoredFile
from models.family import Child, Family, FamilyAddress, Residence


@dataclass(frozen=True, slots=True)
class AddressText:
    """An address as lines to show."""

    lines: tuple[str, ...]
    residence: Residence


@dataclass(frozen=True, slots=True)
class AddressReview:
    """An address change with all that a decision needs, old beside new."""

    demarche_id: int
    number: str | None
    state: DemarcheState
    submitted_at: datetime | None
    effective_on: date
    reason: str
    decided_at: datetime | None
    family_id: int
    family_name: str
    family_code: str | None
    old: AddressText | None
    old_since: date | None
    new: AddressText
    proof_id: int | None
    proof_name: str
    proof_media_type: str
    proof_issued_on: date | None

    @property
    def is_open(self) -> bool:
        """Whether staff may still decide."""
        return self.state in (DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED)

    @property
    def changes_residence(self) -> bool:
        """Whether the tariff's residence differs between the two addresses."""
        return self.old is not None and self.old.residence != self.new.residence


def waiting_address_change(session: Session, family_id: int) -> AddressReview | None:
    """Return the family's address change that waits for staff."""
    found = session.scalar(
        select(AddressChange.demarche_id).where(
            AddressChange.family_id == family_id, AddressChange.is_waiting.is_(True)
        )
    )
    return None if found is None else address_review(session, found)


def last_address_decision(session: Session, family_id: int) -> AddressReview | None:
    """Return the family's last accepted or refused address change."""
    found = session.scalar(
        select(Demarche.id)
        .where(
            Demarche.family_id == family_id,
            Demarche.kind == DemarcheKind.ADDRESS_CHANGE,
            Demarche.state.in_((DemarcheState.ACCEPTED, DemarcheState.REFUSED)),
        )
        .order_by(Demarche.decided_at.desc())
        .limit(1)
    )
    return None if found is None else address_review(session, found)


def address_review(session: Session, demarche_id: int) -> AddressReview | None:
    """Return an address change with the address it replaces and its proof; None if there is none."""
    row = session.execute(
        select(AddressChange, Demarche, Family, Document, StoredFile)
        .join(Demarche, Demarche.id == AddressChange.demarche_id)
        .join(Family, Family.id == AddressChange.family_id)
        .outerjoin(Document, Document.id == AddressChange.proof_id)
        .outerjoin(StoredFile, StoredFile.id == Document.file_id)
        .where(AddressChange.demarche_id == demarche_id)
    ).first()
    if row is None:
        return None
    change, demarche, family, proof, file = row
    old = _address_before(session, change)
    return AddressReview(
        demarche_id=demarche.id,
        number=demarche.number,
        state=demarche.state,
        submitted_at=demarche.submitted_at,
        effective_on=change.effective_on,
        reason=demarche.reason,
        decided_at=demarche.decided_at,
        family_id=family.id,
        family_name=family.name,
        family_code=family.code,
        old=None if old is None else AddressText(_lines(old), old.residence),
        old_since=None if old is None else old.valid_from,
        new=AddressText(_lines(change), residence_of(session, postcode=change.postcode, city=change.city)),
        proof_id=change.proof_id,
        proof_name="" if file is None else file.filename,
        proof_media_type="" if file is None else file.media_type,
        proof_issued_on=None if proof is None else proof.issued_on,
    )


@dataclass(frozen=True, slots=True)
class FamilyDemarche:
    """A request of a family, as its parents follow it."""

    id: int
    number: str
    kind: DemarcheKind
    state: DemarcheState
    child_id: int | None
    child_name: str
    submitted_at: datetime
    decided_at: datetime | None
    reason: str


# A call for help has no follower; what one adult asks about its own data, it alone reads, on its own page.
ELSEWHERE = (DemarcheKind.ACCESS_HELP, DemarcheKind.DATA_RIGHTS)
# Beyond, a list would no longer be read; the family's thread at the service keeps everything.
DEMARCHES_SHOWN = 50


def family_demarches(session: Session, family_id: int) -> list[FamilyDemarche]:
    """Return what a family has asked of the town, newest first; what it has not sent yet is not asked."""
    rows = session.execute(
        select(Demarche, Child.given_name)
        .outerjoin(Child, Child.id == Demarche.child_id)
        .where(Demarche.family_id == family_id, Demarche.submitted_at.is_not(None))
        .where(Demarche.kind.not_in(ELSEWHERE))
        .order_by(Demarche.submitted_at.desc(), Demarche.id.desc())
        .limit(DEMARCHES_SHOWN)
    )
    return [
        FamilyDemarche(
            id=one.id,
            number=one.number,
            kind=one.kind,
            state=one.state,
            child_id=one.child_id,
            child_name=child_name or "",
            submitted_at=one.submitted_at,
            decided_at=one.decided_at,
            reason=one.reason,
        )
        for one, child_name in rows
        if one.number is not None and one.submitted_at is not None
    ]


def _address_before(session: Session, change: AddressChange) -> FamilyAddress | None:
    return session.scalar(
        select(FamilyAddress)
        .where(FamilyAddress.family_id == change.family_id, FamilyAddress.valid_from < change.effective_on)
        .order_by(FamilyAddress.valid_from.desc())
        .limit(1)
    )


def _lines(address: FamilyAddress | AddressChange) -> tuple[str, ...]:
    parts = (address.line1, address.line2, f"{address.postcode} {address.city}")
    return tuple(part for part in parts if part)


def open_requests(session: Session) -> Counter[DemarcheKind]:
    """Return how many requests of each kind wait for staff, or for their family; one query."""
    waiting = Demarche.state.in_((DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED))
    rows = session.execute(select(Demarche.kind, func.count()).where(waiting).group_by(Demarche.kind))
    return Counter({row.kind: row[1] for row in rows})
