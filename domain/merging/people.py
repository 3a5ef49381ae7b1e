"""Two adults, or two children, who are one person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from domain.errors import Refusal
from domain.family.names import search_key
from domain.merging.rows import Moves, Values, absorb, set_row_aside, table_of
from models.accounts import User
from models.family import ActivationSecret, Child, ChildFamily, Guardian

# What the kept row takes from the other where it says nothing itself.
ADULT_FIELDS = ("given_name", "birth_name", "civility", "email", "phone", "phone_alt", "calendar_key")
CHILD_FIELDS = ("given_name", "sex")
GUARDIAN, CHILD, MEMBERSHIP = table_of(Guardian), table_of(Child), table_of(ChildFamily)


@dataclass(frozen=True, slots=True)
class MergedPerson:
    """One person out of two: both names, and the rows that are no more."""

    kind: str
    kept_id: int
    lost_id: int
    kept_name: str
    lost_name: str
    values: Values


@dataclass(slots=True)
class Outcome:
    """What a merge did, or would do.

    Args:
        people: those who became one.
        detached: e-mails of the accounts that open the file no more: the kept adult has another.
    """

    moves: Moves = field(default_factory=Moves)
    people: list[MergedPerson] = field(default_factory=list)
    detached: list[str] = field(default_factory=list)


def same_adult(one: Guardian, other: Guardian) -> bool:
    """Whether two adults are taken for one: the same account, e-mail or name."""
    if one.user_id is not None and one.user_id == other.user_id:
        return True
    if one.email and one.email == other.email:
        return True
    name = search_key(one.given_name, one.family_name)
    return bool(name) and name == search_key(other.given_name, other.family_name)


def same_child(one: Child, other: Child) -> bool:
    """Whether two children are taken for one: born the same day under the same name."""
    names = [search_key(child.given_name, child.family_name) for child in (one, other)]
    return one.born_on == other.born_on and names[0] == names[1]


def join_adults(session: Session, *, now: datetime, kept: Guardian, lost: Guardian, outcome: Outcome) -> None:
    """Make one adult of two; the kept one's words win, and its blanks are filled from the other.

    Raises:
        Refusal: ``merge_collision``.
    """
    _note_account(session, kept, lost, outcome)
    user_id = kept.user_id or lost.user_id
    session.execute(
        update(ActivationSecret)
        .where(
            ActivationSecret.guardian_id == lost.id,
            ActivationSecret.used_at.is_(None),
            ActivationSecret.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    filled = _blanks(kept, lost, ADULT_FIELDS)
    if lost.phone and lost.phone not in (kept.phone, kept.phone_alt) and not kept.phone_alt:
        filled.setdefault("phone_alt", lost.phone)
    names = (kept.full_name, lost.full_name)
    ids = (kept.id, lost.id)
    values = absorb(session, GUARDIAN, kept_id=ids[0], lost_id=ids[1], moves=outcome.moves)
    # Only now: an account and a calendar belong to one adult at a time.
    kept.user_id = user_id
    _fill(kept, filled)
    kept.search_text = search_key(kept.family_name, kept.given_name, kept.email)
    session.flush()
    outcome.people.append(MergedPerson("guardian", *ids, *names, values))


def join_children(session: Session, *, kept: Child, lost: Child, outcome: Outcome) -> None:
    """Make one child of two; of two families, it becomes a child of both.

    Raises:
        Refusal: ``merge_birth_differs``, ``merge_collision``.
    """
    if kept.born_on != lost.born_on:
        raise Refusal("merge_birth_differs")
    mine, others = (memberships(session, ChildFamily.child_id == one.id) for one in (kept, lost))
    for other in others:
        theirs = [one for one in mine if one.family_id == other.family_id]
        gone = join_membership(session, other, theirs, outcome)
        mine = [one for one in mine if one not in gone]
    filled = _blanks(kept, lost, CHILD_FIELDS)
    names = (kept.full_name, lost.full_name)
    ids = (kept.id, lost.id)
    values = absorb(session, CHILD, kept_id=ids[0], lost_id=ids[1], moves=outcome.moves)
    _fill(kept, filled)
    kept.search_text = search_key(kept.family_name, kept.given_name)
    session.flush()
    outcome.people.append(MergedPerson("child", *ids, *names, values))


def join_membership(
    session: Session, other: ChildFamily, mine: Sequence[ChildFamily], outcome: Outcome
) -> list[ChildFamily]:
    """Let a membership go into those of the same child and family that it meets: one row covers all their time.

    Args:
        mine: the earliest first.

    Returns:
        The rows of ``mine`` that are no more, because the other filled the time between them and the first.
    """
    meeting = [one for one in mine if _meets(one, other)]
    for row in (other, *meeting[1:]) if meeting else ():
        first = meeting[0]
        first.valid_from = min(first.valid_from, row.valid_from)
        first.valid_to = (
            None if first.valid_to is None or row.valid_to is None else max(first.valid_to, row.valid_to)
        )
        session.flush()
        set_row_aside(session, MEMBERSHIP, row.id, first.id, outcome.moves)
    return meeting[1:]


def memberships(session: Session, of: ColumnElement[bool]) -> Sequence[ChildFamily]:
    """Return the memberships of a family or of a child, the earliest first."""
    return session.scalars(select(ChildFamily).where(of).order_by(ChildFamily.valid_from)).all()


def _meets(one: ChildFamily, other: ChildFamily) -> bool:
    ends = (one.valid_to or date.max, other.valid_to or date.max)
    return one.valid_from <= ends[1] and other.valid_from <= ends[0]


def _note_account(session: Session, kept: Guardian, lost: Guardian, outcome: Outcome) -> None:
    if kept.user_id is None or lost.user_id is None or kept.user_id == lost.user_id:
        return
    outcome.detached.append(session.get_one(User, lost.user_id).email)


def _blanks(kept: object, lost: object, names: Sequence[str]) -> Values:
    return {name: getattr(lost, name) for name in names if not getattr(kept, name) and getattr(lost, name)}


def _fill(row: object, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
