"""Demarches: reported, withdrawn and decided; an address moves only when staff accept the proof."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family, require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.demarches.rules import is_in_town, is_plausible_move
from domain.errors import Refusal
from domain.numbering import take_numbers
from models.demarches import AddressChange, Demarche, DemarcheKind, DemarcheState
from models.documents import Document, DocumentState
from models.family import Family, FamilyAddress, Residence
from models.town import Town

SERIES = "demarche"


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address as a family types it."""

    line1: str
    line2: str
    postcode: str
    city: str


def report_address_change(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    address: NewAddress,
    effective_on: date,
    proof_id: int | None,
) -> AddressChange:
    """Ask for a new address from a day on; it waits for staff, and nothing else changes until then.

    Raises:
        Refusal: ``not_your_family``, ``address_already_waiting``, ``move_date_implausible``,
            ``move_before_current_address``, ``proof_missing`` (staff may do without).
    """
    require_family(actor, family_id)
    if not is_plausible_move(effective_on, local_day(now)):
        raise Refusal("move_date_implausible", effective_on=effective_on)
    if proof_id is None and not actor.is_staff:
        raise Refusal("proof_missing")
    _require_proof_of(session, family_id, proof_id)
    _require_after_current(session, family_id, effective_on)
    if _waiting(session, family_id) is not None:
        raise Refusal("address_already_waiting")
    demarche = submit_demarche(session, actor, now, DemarcheKind.ADDRESS_CHANGE, family_id)
    change = AddressChange(
        demarche_id=demarche.id,
        family_id=family_id,
        line1=address.line1,
        line2=address.line2,
        postcode=address.postcode,
        city=address.city,
        effective_on=effective_on,
        proof_id=proof_id,
    )
    session.add(change)
    session.flush()
    _audit(session, actor, now, "address_reported", demarche, after=_facts(change))
    return change


def _require_proof_of(session: Session, family_id: int, proof_id: int | None) -> None:
    if proof_id is not None and session.get_one(Document, proof_id).family_id != family_id:
        raise Refusal("not_your_family")


def _require_after_current(session: Session, family_id: int, effective_on: date) -> None:
    current = _current_address(session, family_id)
    if current is not None and effective_on <= current.valid_from:
        raise Refusal("move_before_current_address", since=current.valid_from)


def _current_address(session: Session, family_id: int) -> FamilyAddress | None:
    return session.scalar(
        select(FamilyAddress).where(FamilyAddress.family_id == family_id, FamilyAddress.valid_to.is_(None))
    )


def _waiting(session: Session, family_id: int) -> AddressChange | None:
    return session.scalar(
        select(AddressChange).where(AddressChange.family_id == family_id, AddressChange.is_waiting.is_(True))
    )


def next_number(session: Session, now: datetime) -> str:
    """Take the number of a request that is submitted now; a rollback gives it back."""
    year = local_day(now).year
    return f"D{year}-{take_numbers(session, SERIES, year):06d}"


def submit_demarche(
    session: Session, actor: Actor, now: datetime, kind: DemarcheKind, family_id: int | None
) -> Demarche:
    """Number a request and put it before staff."""
    demarche = Demarche(
        number=next_number(session, now),
        kind=kind,
        state=DemarcheState.SUBMITTED,
        family_id=family_id,
        user_id=actor.user_id or None,
        answers={},
        submitted_at=now,
    )
    session.add(demarche)
    session.flush()
    return demarche


def withdraw_address_change(session: Session, *, actor: Actor, now: datetime, demarche_id: int) -> None:
    """Take back a new address that still waits.

    Raises:
        Refusal: ``not_your_family``, ``demarche_already_decided``.
    """
    change = session.get_one(AddressChange, demarche_id)
    require_family(actor, change.family_id)
    demarche = open_demarche(session, demarche_id)
    _close(demarche, change, DemarcheState.WITHDRAWN, actor, now)
    session.flush()
    _audit(session, actor, now, "address_withdrawn", demarche)


def decide_address_change(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, accept: bool, reason: str = ""
) -> AddressChange:
    """Accept a new address or refuse it with a reason.

    Accepting ends the present address on the day of the move, opens the new one from that day and says
    whether it is in the commune: the price of each day follows the address of that day. The proof is
    accepted or refused with it.

    Raises:
        Refusal: ``not_allowed``, ``demarche_already_decided``, ``reason_missing``,
            ``move_before_current_address``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if not accept and not reason.strip():
        raise Refusal("reason_missing")
    demarche = open_demarche(session, demarche_id)
    change = session.get_one(AddressChange, demarche_id)
    before = None
    if accept:
        before = _move(session, change)
    demarche.reason = reason.strip()
    _close(demarche, change, DemarcheState.ACCEPTED if accept else DemarcheState.REFUSED, actor, now)
    _review_proof(session, change, actor, now, accept=accept, reason=reason.strip())
    session.flush()
    action = "address_accepted" if accept else "address_refused"
    _audit(session, actor, now, action, demarche, before=before, after=_facts(change) | {"reason": reason})
    return change


def open_demarche(session: Session, demarche_id: int) -> Demarche:
    """Return a request that still waits for its answer, locked.

    Raises:
        Refusal: ``demarche_already_decided``.
    """
    demarche = session.get_one(Demarche, demarche_id, with_for_update=True, populate_existing=True)
    if demarche.state not in (DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED):
        raise Refusal("demarche_already_decided", number=demarche.number, state=demarche.state.value)
    return demarche


def _move(session: Session, change: AddressChange) -> dict[str, str] | None:
    """Close the present address and open the new one; return the former as the trail keeps it."""
    _require_after_current(session, change.family_id, change.effective_on)
    current = _current_address(session, change.family_id)
    before = None
    if current is not None:
        before = {"address": str(current), "residence": current.residence.value}
        current.valid_to = change.effective_on
        session.flush()
    session.add(
        FamilyAddress(
            family_id=change.family_id,
            line1=change.line1,
            line2=change.line2,
            postcode=change.postcode,
            city=change.city,
            residence=residence_of(session, postcode=change.postcode, city=change.city),
            valid_from=change.effective_on,
        )
    )
    return before


def residence_of(session: Session, *, postcode: str, city: str) -> Residence:
    """Return what an address is to the town: resident, or not (a partner commune is set by staff)."""
    town = session.execute(select(Town.postcode, Town.name)).one()
    is_here = is_in_town(postcode=postcode, city=city, town_postcode=town.postcode, town_name=town.name)
    return Residence.RESIDENT if is_here else Residence.NON_RESIDENT


def _close(
    demarche: Demarche, change: AddressChange, state: DemarcheState, actor: Actor, now: datetime
) -> None:
    demarche.state = state
    demarche.decided_at = now
    demarche.decided_by = actor.label
    change.is_waiting = False


def _review_proof(
    session: Session, change: AddressChange, actor: Actor, now: datetime, *, accept: bool, reason: str
) -> None:
    if change.proof_id is None:
        return
    proof = session.get_one(Document, change.proof_id)
    if proof.state is not DocumentState.SUBMITTED:
        return
    proof.state = DocumentState.ACCEPTED if accept else DocumentState.REFUSED
    proof.refusal_reason = "" if accept else reason
    proof.reviewed_at = now
    proof.reviewed_by = actor.label
    # The answer about the address tells of its proof.
    proof.told_at = now


def request_access_help(session: Session, *, actor: Actor, now: datetime, family_id: int) -> Demarche:
    """Put on the staff's list that a family cannot get in and has no e-mail; once while it waits."""
    earlier = session.scalar(
        select(Demarche).where(
            Demarche.kind == DemarcheKind.ACCESS_HELP,
            Demarche.state == DemarcheState.SUBMITTED,
            Demarche.family_id == family_id,
        )
    )
    if earlier is not None:
        return earlier
    family = session.get_one(Family, family_id)
    demarche = submit_demarche(session, actor, now, DemarcheKind.ACCESS_HELP, family.id)
    _audit(session, actor, now, "access_help_asked", demarche)
    return demarche


def settle_access_help(session: Session, *, actor: Actor, now: datetime, demarche_id: int) -> None:
    """Take a call for help off the staff's list: somebody answered it, by telephone or at the desk.

    Raises:
        Refusal: ``not_allowed``, or ``decision_not_possible`` when it is no such call or was answered already.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    settled = session.execute(
        update(Demarche)
        .where(
            Demarche.id == demarche_id,
            Demarche.kind == DemarcheKind.ACCESS_HELP,
            Demarche.state == DemarcheState.SUBMITTED,
        )
        .values(state=DemarcheState.ACCEPTED, decided_at=now, decided_by=actor.label)
    )
    if settled.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("decision_not_possible")
    _audit(session, actor, now, "access_help_settled", session.get_one(Demarche, demarche_id))


def _facts(change: AddressChange) -> dict[str, str]:
    parts = (change.line1, change.line2, f"{change.postcode} {change.city}")
    return {
        "address": ", ".join(part for part in parts if part),
        "effective_on": change.effective_on.isoformat(),
    }


def _audit(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    demarche: Demarche,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="demarche",
        subject_id=demarche.id,
        family_id=demarche.family_id,
        before=before,
        after=after,
    )
