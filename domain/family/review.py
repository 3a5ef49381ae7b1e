"""The service answers a family's declaration: validated, refused, or sent back for a complement."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.demarches.operations import open_demarche, residence_of
from domain.documents.needs import NeededDocument
from domain.errors import Refusal
from domain.family.accounts import give_code
from domain.family.declaration import declaration_documents, read_declaration
from domain.family.duplicates import find_duplicates
from domain.family.operations import next_family_code, refresh_search
from models.accounts import User
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Family, FamilyAddress, FamilyState, Guardian

Reviewers = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT)


def validate_declaration(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, despite_duplicates: bool = False
) -> Family:
    """Make the declared family one of the town's: it gets its code famille, and its adults may act for it.

    A file that waits for a complement may be validated too: the missing paper was shown at the desk.

    Args:
        despite_duplicates: the agent has looked at the people who are in another file, and says that they are not
            the same, or that the files will be merged.

    Raises:
        Refusal: ``not_allowed``, ``demarche_already_decided``, ``not_a_declaration``,
            ``declaration_documents_missing`` (``names``), ``declaration_duplicates`` (``count``).
    """
    demarche, family = _open(session, actor, demarche_id)
    missing = [need for need in missing_documents(session, demarche, now) if need.is_blocking]
    if missing:
        raise Refusal("declaration_documents_missing", names=[need.type_name for need in missing])
    duplicates = find_duplicates(session, family.id)
    if duplicates and not despite_duplicates:
        raise Refusal("declaration_duplicates", count=len(duplicates))
    family.code = next_family_code(session)
    family.state = FamilyState.VALIDATED
    _settle_addresses(session, family.id)
    _let_sign_in_with_code(session, family)
    refresh_search(session, family)
    _close(session, demarche, DemarcheState.ACCEPTED, actor, now, code=family.code)
    return family


def refuse_declaration(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, reason: str
) -> Demarche:
    """Refuse the declaration with the reason that the family reads.

    Raises:
        Refusal: ``not_allowed``, ``demarche_already_decided``, ``not_a_declaration``, ``reason_missing``.
    """
    demarche, family = _open(session, actor, demarche_id)
    _set_reason(demarche, reason)
    family.state = FamilyState.REFUSED
    _close(session, demarche, DemarcheState.REFUSED, actor, now)
    return demarche


def ask_complement(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, reason: str
) -> Demarche:
    """Give the declaration back to its parent, who completes it and sends it again under the same number.

    Raises:
        Refusal: ``not_allowed``, ``demarche_already_decided``, ``not_a_declaration``, ``reason_missing``.
    """
    demarche, _family = _open(session, actor, demarche_id)
    _set_reason(demarche, reason)
    _close(session, demarche, DemarcheState.COMPLEMENT_ASKED, actor, now)
    return demarche


def missing_documents(session: Session, demarche: Demarche, now: datetime) -> list[NeededDocument]:
    """Return what the declaration's answers call for and the service has not accepted."""
    today = local_day(now)
    needs = declaration_documents(session, read_declaration(session, demarche, today), today)
    return [need for need in needs if not need.is_accepted]


def _open(session: Session, actor: Actor, demarche_id: int) -> tuple[Demarche, Family]:
    require_role(actor, *Reviewers)
    demarche = open_demarche(session, demarche_id)
    if demarche.kind is not DemarcheKind.FAMILY_DECLARATION or demarche.family_id is None:
        raise Refusal("not_a_declaration")
    return demarche, session.get_one(Family, demarche.family_id)


def _set_reason(demarche: Demarche, reason: str) -> None:
    if not reason.strip():
        raise Refusal("reason_missing")
    demarche.reason = reason.strip()


def _settle_addresses(session: Session, family_id: int) -> None:
    """Say of each address what it is to the town: the town's limits may have changed since it was typed."""
    addresses = session.scalars(select(FamilyAddress).where(FamilyAddress.family_id == family_id))
    for address in addresses:
        address.residence = residence_of(session, postcode=address.postcode, city=address.city)


def _let_sign_in_with_code(session: Session, family: Family) -> None:
    """Let the adult who declared the family sign in with its code; the other one signs in by e-mail."""
    first = session.scalar(
        select(User)
        .join(Guardian, Guardian.user_id == User.id)
        .where(Guardian.family_id == family.id)
        .order_by(Guardian.rank)
        .limit(1)
    )
    if first is not None:
        give_code(session, first, family)


def _close(
    session: Session,
    demarche: Demarche,
    state: DemarcheState,
    actor: Actor,
    now: datetime,
    code: str | None = None,
) -> None:
    before = demarche.state
    demarche.state, demarche.decided_at, demarche.decided_by = state, now, actor.label
    session.flush()
    action = {
        DemarcheState.ACCEPTED: "validate_declaration",
        DemarcheState.REFUSED: "refuse_declaration",
        DemarcheState.COMPLEMENT_ASKED: "ask_complement",
    }[state]
    facts = {"code": code} if code else {"reason": demarche.reason}
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="demarche",
        subject_id=demarche.id,
        family_id=demarche.family_id,
        before={"state": before.value},
        after={"state": state.value, **facts},
    )
