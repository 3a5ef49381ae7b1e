"""What a parent writes into the declaration, task by task; nobody else's draft can be reached."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor
from domain.clock import local_day
from domain.demarches.operations import NewAddress, residence_of
from domain.errors import Refusal
from domain.family.declaration import open_declaration
from domain.family.names import full_name, search_key
from domain.family.operations import apply_changes, refresh_search
from models.accounts import User
from models.demarches import Demarche
from models.family import (
    Civility,
    Family,
    FamilyAddress,
    FamilyState,
    Guardian,
    TrustedPerson,
)


class Situation(StrEnum):
    """Where the other parent is."""

    SAME_HOME = "same_home"
    ELSEWHERE = "elsewhere"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Adult:
    """An adult as typed; telephones in E.164 form or empty, the e-mail in lower case."""

    family_name: str
    given_name: str = ""
    civility: str = ""
    phone: str = ""
    phone_alt: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Trusted:
    """Somebody whom the family trusts, as typed."""

    full_name: str
    relation: str
    phone: str
    may_pick_up: bool
    is_emergency_contact: bool


def declare_self(
    session: Session, *, actor: Actor, now: datetime, adult: Adult, address: NewAddress
) -> Demarche:
    """Write down the declaring adult and the home; the first time, this opens the draft of the family.

    The e-mail is the account's own, whatever is given.

    Raises:
        Refusal: ``guardian_name_missing``; see ``open_declaration``.
    """
    _require_name(adult)
    demarche = open_declaration(session, actor=actor)
    user = session.get_one(User, actor.user_id)
    if demarche.family_id is None:
        family = Family(state=FamilyState.DRAFT, name=adult.family_name or adult.given_name)
        session.add(family)
        session.flush()
        demarche.family_id = family.id
    family = session.get_one(Family, demarche.family_id)
    me = session.scalar(select(Guardian).where(Guardian.family_id == family.id, Guardian.user_id == user.id))
    if me is None:
        me = Guardian(family_id=family.id, user_id=user.id, rank=1, family_name=adult.family_name)
        session.add(me)
    _fill_adult(me, adult, user.email)
    user.display_name = me.full_name
    if me.rank == 1:
        family.name = adult.family_name or adult.given_name
    _keep_address(session, family, address, local_day(now))
    note_declared(session, actor, now, family, "declare_self", "guardian", me)
    return demarche


def _fill_adult(row: Guardian, adult: Adult, email: str) -> None:
    row.family_name, row.given_name = adult.family_name, adult.given_name
    row.civility = Civility(adult.civility)
    row.phone, row.phone_alt, row.email = adult.phone, adult.phone_alt, email
    row.is_payer = row.rank == 1
    row.search_text = search_key(adult.family_name, adult.given_name, email)


def _require_name(adult: Adult) -> None:
    if not full_name(adult.given_name, adult.family_name):
        raise Refusal("guardian_name_missing")


def _keep_address(session: Session, family: Family, address: NewAddress, today: date) -> None:
    home = session.scalar(
        select(FamilyAddress).where(FamilyAddress.family_id == family.id, FamilyAddress.valid_to.is_(None))
    )
    if home is None:
        home = FamilyAddress(family_id=family.id, valid_from=today)
        session.add(home)
    home.line1, home.line2 = address.line1, address.line2
    home.postcode, home.city = address.postcode, address.city
    home.residence = residence_of(session, postcode=address.postcode, city=address.city)


def declare_other_parent(
    session: Session, *, actor: Actor, now: datetime, situation: Situation, adult: Adult | None = None
) -> Guardian | None:
    """Say where the other parent is; one of the same home becomes the family's other adult, and is returned.

    One who lives elsewhere gets a file of their own, which this family never sees: only the name and the
    contact are noted, for staff. An adult who has an account already keeps name and e-mail.

    Raises:
        Refusal: ``guardian_name_missing``, ``other_parent_has_account``, ``declaration_begins_with_you``; see
            ``open_declaration``.
    """
    family, demarche = begun_family(session, actor)
    other = session.scalar(
        select(Guardian).where(
            Guardian.family_id == family.id,
            or_(Guardian.user_id.is_(None), Guardian.user_id != actor.user_id),
        )
    )
    has_account = other is not None and other.user_id is not None
    if has_account and situation is not Situation.SAME_HOME:
        raise Refusal("other_parent_has_account", name=other.full_name if other else "")
    noted = {"situation": situation.value}
    if adult is not None and situation is not Situation.NONE:
        _require_name(adult)
    if situation is not Situation.SAME_HOME and other is not None:
        _forget_other(session, other)
        other = None
    if adult is not None and situation is Situation.ELSEWHERE:
        noted |= asdict(adult)
    elif adult is not None and situation is Situation.SAME_HOME and not has_account:
        other = other or Guardian(family_id=family.id, rank=2, family_name=adult.family_name)
        session.add(other)
        _fill_adult(other, adult, adult.email)
    demarche.answers = demarche.answers | {"other_parent": noted}
    note_declared(session, actor, now, family, "declare_other_parent", "family", family)
    return other


def _forget_other(session: Session, other: Guardian) -> None:
    session.delete(other)
    session.flush()


def declare_trusted(
    session: Session, *, actor: Actor, now: datetime, person: Trusted, trusted_id: int | None = None
) -> TrustedPerson:
    """Add somebody whom the family trusts, or correct one; the same person added twice is there once.

    Raises:
        Refusal: ``trusted_without_use``, ``unknown_person``, ``declaration_begins_with_you``; see
            ``open_declaration``.
    """
    if not (person.may_pick_up or person.is_emergency_contact):
        raise Refusal("trusted_without_use")
    family, _demarche = begun_family(session, actor)
    people = session.scalars(select(TrustedPerson).where(TrustedPerson.family_id == family.id)).all()
    if trusted_id is None:
        key = search_key(person.full_name)
        row = next((one for one in people if search_key(one.full_name) == key), None)
        row = row or TrustedPerson(family_id=family.id)
    else:
        row = next((one for one in people if one.id == trusted_id), None)
        if row is None:
            raise Refusal("unknown_person")
    session.add(row)
    apply_changes(row, asdict(person))
    note_declared(session, actor, now, family, "declare_trusted", "trusted_person", row)
    return row


def withdraw_trusted(session: Session, *, actor: Actor, now: datetime, trusted_id: int) -> None:
    """Take a trusted person off the declaration.

    Raises:
        Refusal: ``unknown_person``; see ``open_declaration``.
    """
    family, _demarche = begun_family(session, actor)
    row = session.get(TrustedPerson, trusted_id)
    if row is None or row.family_id != family.id:
        raise Refusal("unknown_person")
    trail_declared(
        session, actor, now, family, "withdraw_trusted", "trusted_person", row.id, {"name": row.full_name}
    )
    session.delete(row)
    session.flush()


def settle_trusted(session: Session, *, actor: Actor, now: datetime) -> None:
    """Say that nobody else is to be named.

    Raises:
        Refusal: ``declaration_begins_with_you``; see ``open_declaration``.
    """
    family, demarche = begun_family(session, actor)
    demarche.answers = demarche.answers | {"trusted_settled": True}
    note_declared(session, actor, now, family, "settle_trusted", "family", family)


def begun_family(session: Session, actor: Actor) -> tuple[Family, Demarche]:
    """Return the family that the actor declares, and the declaration, to write into.

    Raises:
        Refusal: ``declaration_begins_with_you`` before the first task; see ``open_declaration``.
    """
    demarche = open_declaration(session, actor=actor)
    if demarche.family_id is None:
        raise Refusal("declaration_begins_with_you")
    return session.get_one(Family, demarche.family_id), demarche


def note_declared(
    session: Session, actor: Actor, now: datetime, family: Family, action: str, kind: str, row: Any
) -> None:
    """Make what was just written findable, and sign it in the trail with the name that it is about."""
    session.flush()
    refresh_search(session, family)
    name = row.name if isinstance(row, Family) else row.full_name
    trail_declared(session, actor, now, family, action, kind, row.id, {"name": name})


def trail_declared(
    session: Session,
    actor: Actor,
    now: datetime,
    family: Family,
    action: str,
    kind: str,
    subject_id: int,
    after: dict[str, str],
) -> None:
    """Write an act of the declaration down."""
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind=kind,
        subject_id=subject_id,
        family_id=family.id,
        after=after,
    )
    session.flush()
