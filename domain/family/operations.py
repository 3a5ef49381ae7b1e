"""The family's file: created, completed and corrected, with every change in the trail."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.demarches.operations import residence_of
from domain.errors import Refusal
from domain.family.names import search_key
from domain.family.rules import make_family_code
from domain.numbering import take_numbers
from models.family import (
    Child,
    ChildFamily,
    Civility,
    Diet,
    Family,
    FamilyAddress,
    FamilyState,
    Guardian,
    Sex,
)

CODE_SERIES, FIRST_CODE = "family_code", 1_002_016
MAX_GUARDIANS = 2
Editors = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT)


def create_family(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    name: str,
    line1: str,
    postcode: str,
    city: str,
    line2: str = "",
    former_code: str | None = None,
    wants_e_invoice: bool = False,
    notes: str = "",
    valid_from: date | None = None,
) -> Family:
    """Open a validated file with its code famille and first address.

    Args:
        former_code: the code in the tool that the town used before.
        valid_from: the first day at the address; today when it is not told.

    Raises:
        Refusal: ``not_allowed``, ``family_name_missing``, ``former_code_taken``.
    """
    require_role(actor, *Editors)
    if not name.strip():
        raise Refusal("family_name_missing")
    if former_code and session.scalar(select(Family.id).where(Family.former_code == former_code)):
        raise Refusal("former_code_taken", former_code=former_code)
    family = Family(
        code=next_family_code(session),
        former_code=former_code or None,
        name=name.strip(),
        state=FamilyState.VALIDATED,
        wants_e_invoice=wants_e_invoice,
        e_invoice_chosen_at=now if wants_e_invoice else None,
        notes=notes,
    )
    session.add(family)
    session.flush()
    session.add(
        FamilyAddress(
            family_id=family.id,
            line1=line1,
            line2=line2,
            postcode=postcode,
            city=city,
            residence=residence_of(session, postcode=postcode, city=city),
            valid_from=valid_from or local_day(now).replace(month=1, day=1),
        )
    )
    refresh_search(session, family)
    _record(session, actor, now, "create_family", family, after={"name": family.name, "code": family.code})
    return family


def next_family_code(session: Session) -> str:
    """Return a new code famille; the next one waits until this transaction ends."""
    return make_family_code(FIRST_CODE + take_numbers(session, CODE_SERIES, 0))


def update_family(session: Session, *, actor: Actor, now: datetime, family_id: int, **changes: Any) -> Family:
    """Change a file's name, notes or choice of invoice.

    Raises:
        Refusal: ``not_allowed``, ``family_name_missing``.
    """
    require_role(actor, *Editors)
    family = session.get_one(Family, family_id)
    if "name" in changes and not (changes["name"] or "").strip():
        raise Refusal("family_name_missing")
    if changes.get("wants_e_invoice") is True and not family.wants_e_invoice:
        family.e_invoice_chosen_at = now
    before, after = apply_changes(family, changes)
    refresh_search(session, family)
    if after:
        _record(session, actor, now, "update_family", family, before=before, after=after)
    return family


def add_guardian(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    family_name: str,
    given_name: str = "",
    civility: str = "",
    email: str = "",
    phone: str = "",
    phone_alt: str = "",
) -> Guardian:
    """Add an adult to a file; a file has two at most.

    Raises:
        Refusal: ``not_allowed``, ``guardian_name_missing``, ``two_guardians_already``.
    """
    require_role(actor, *Editors)
    if not (family_name.strip() or given_name.strip()):
        raise Refusal("guardian_name_missing")
    ranks = set(session.scalars(select(Guardian.rank).where(Guardian.family_id == family_id)))
    free = [rank for rank in range(1, MAX_GUARDIANS + 1) if rank not in ranks]
    if not free:
        raise Refusal("two_guardians_already")
    guardian = Guardian(
        family_id=family_id,
        rank=free[0],
        civility=Civility(civility),
        family_name=family_name.strip(),
        given_name=given_name.strip(),
        email=email.strip().lower(),
        phone=phone,
        phone_alt=phone_alt,
        is_payer=free[0] == 1,
        search_text=search_key(family_name, given_name, email),
    )
    session.add(guardian)
    session.flush()
    family = session.get_one(Family, family_id)
    refresh_search(session, family)
    _record(
        session,
        actor,
        now,
        "add_guardian",
        family,
        subject=("guardian", guardian.id),
        after={"name": guardian.full_name},
    )
    return guardian


def update_guardian(
    session: Session, *, actor: Actor, now: datetime, guardian_id: int, **changes: Any
) -> Guardian:
    """Correct an adult's identity or contacts.

    Raises:
        Refusal: ``not_allowed``, ``guardian_name_missing``.
    """
    require_role(actor, *Editors)
    guardian = session.get_one(Guardian, guardian_id)
    before, after = apply_changes(guardian, changes)
    if not guardian.full_name:
        raise Refusal("guardian_name_missing")
    guardian.email = guardian.email.strip().lower()
    guardian.search_text = search_key(guardian.family_name, guardian.given_name, guardian.email)
    family = session.get_one(Family, guardian.family_id)
    refresh_search(session, family)
    if after:
        subject = ("guardian", guardian.id)
        _record(session, actor, now, "update_guardian", family, subject=subject, before=before, after=after)
    return guardian


def add_child(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    family_name: str,
    born_on: date,
    given_name: str = "",
    sex: str = "",
    diet: str = "standard",
    valid_from: date | None = None,
    **more: Any,
) -> Child:
    """Add a child to a file.

    Args:
        valid_from: since when the child is in this family; its birth when it is not told.
        more: ``allows_photos``, ``may_leave_alone``.

    Raises:
        Refusal: ``not_allowed``, ``child_name_missing``, ``born_in_future``.
    """
    require_role(actor, *Editors)
    if not (family_name.strip() or given_name.strip()):
        raise Refusal("child_name_missing")
    if born_on > local_day(now):
        raise Refusal("born_in_future")
    child = Child(
        family_name=family_name.strip(),
        given_name=given_name.strip(),
        sex=Sex(sex),
        born_on=born_on,
        diet=Diet(diet),
        search_text=search_key(family_name, given_name),
        **more,
    )
    session.add(child)
    session.flush()
    session.add(ChildFamily(child_id=child.id, family_id=family_id, valid_from=valid_from or born_on))
    family = session.get_one(Family, family_id)
    refresh_search(session, family)
    _record(
        session, actor, now, "add_child", family, subject=("child", child.id), after={"name": child.full_name}
    )
    return child


def update_child(session: Session, *, actor: Actor, now: datetime, child_id: int, **changes: Any) -> Child:
    """Correct a child's identity, diet or authorisations.

    Raises:
        Refusal: ``not_allowed``, ``child_name_missing``, ``born_in_future``.
    """
    require_role(actor, *Editors)
    child = session.get_one(Child, child_id)
    before, after = apply_changes(child, changes)
    if not child.full_name:
        raise Refusal("child_name_missing")
    if child.born_on > local_day(now):
        raise Refusal("born_in_future")
    child.search_text = search_key(child.family_name, child.given_name)
    session.flush()
    families = select(ChildFamily.family_id).where(ChildFamily.child_id == child_id).distinct()
    for family in session.scalars(select(Family).where(Family.id.in_(families))):
        refresh_search(session, family)
        if after:
            subject = ("child", child.id)
            _record(session, actor, now, "update_child", family, subject=subject, before=before, after=after)
    return child


def refresh_search(session: Session, family: Family) -> None:
    """Write what the family is found by: its names, codes, e-mails and telephones, without accents."""
    session.flush()
    adults = session.execute(
        select(
            Guardian.family_name, Guardian.given_name, Guardian.email, Guardian.phone, Guardian.phone_alt
        ).where(Guardian.family_id == family.id)
    ).all()
    children = session.execute(
        select(Child.family_name, Child.given_name)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(ChildFamily.family_id == family.id)
    ).all()
    words = [family.name, family.code or "", family.former_code or ""]
    words += [str(value) for row in (*adults, *children) for value in row if value]
    words += ["0" + row.phone.removeprefix("+33") for row in adults if row.phone.startswith("+33")]
    family.search_text = search_key(*words)
    session.flush()


def apply_changes(row: object, changes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set what differs on a row; return the values before and after, ready for the trail."""
    before, after = {}, {}
    for name, value in changes.items():
        old = getattr(row, name)
        if old != value:
            setattr(row, name, value)
            before[name], after[name] = _plain(old), _plain(value)
    return before, after


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _record(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    family: Family,
    *,
    subject: tuple[str, int] | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    kind, subject_id = subject or ("family", family.id)
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind=kind,
        subject_id=subject_id,
        family_id=family.id,
        before=before,
        after=after,
    )
