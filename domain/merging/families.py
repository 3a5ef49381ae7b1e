"""Two files of one home: their people paired, their histories joined, everything else moved."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.errors import Refusal
from domain.merging.people import (
    Outcome,
    join_adults,
    join_children,
    join_membership,
    memberships,
    same_adult,
    same_child,
)
from domain.merging.rows import Values, absorb, set_row_aside, table_of
from models.accounts import User
from models.custody import CustodyArrangement
from models.family import (
    ActivationSecret,
    Child,
    ChildFamily,
    Family,
    FamilyAddress,
    FamilyState,
    Guardian,
)

MAX_ADULTS = 2
FAMILY, ADDRESS = table_of(Family), table_of(FamilyAddress)


def join_families(
    session: Session, *, now: datetime, kept: Family, lost: Family, note: str, outcome: Outcome
) -> Values:
    """Make one file of two; return the values of the one that is no more.

    The same adults and children become one each. The kept file's addresses count; the other's stay as history
    for the time before them. Its code, letters and sign-in by code end; its former code is kept if the other
    file has none, so that the same import finds it again.

    Raises:
        Refusal: ``merge_not_validated``, ``merge_declaration_open``, ``merge_shared_custody``,
            ``merge_too_many_adults`` (``names``), ``merge_birth_differs``, ``merge_collision`` (``table``).
    """
    _require_mergeable(session, kept, lost)
    _join_people(session, now, kept, lost, outcome)
    _join_memberships(session, kept, lost, outcome)
    _join_addresses(session, kept, lost, outcome)
    _end_letters(session, lost, now)
    code, former, notes = lost.code, lost.former_code, lost.notes
    values = absorb(session, FAMILY, kept_id=kept.id, lost_id=lost.id, moves=outcome.moves)
    kept.former_code = kept.former_code or former
    kept.notes = "\n".join(part for part in (kept.notes, notes, note) if part)
    session.flush()
    _settle_sign_in(session, code, kept)
    return values


def _require_mergeable(session: Session, kept: Family, lost: Family) -> None:
    if kept.state is not FamilyState.VALIDATED:
        raise Refusal("merge_not_validated")
    if lost.state in (FamilyState.DRAFT, FamilyState.SUBMITTED):
        raise Refusal("merge_declaration_open")
    pair = (kept.id, lost.id)
    shared = session.scalar(
        select(CustodyArrangement.id)
        .where(CustodyArrangement.family_id.in_(pair), CustodyArrangement.other_family_id.in_(pair))
        .limit(1)
    )
    if shared is not None:
        raise Refusal("merge_shared_custody")


def _join_people(session: Session, now: datetime, kept: Family, lost: Family, outcome: Outcome) -> None:
    mine = _adults(session, kept.id)
    for adult in _adults(session, lost.id):
        twin = next((one for one in mine if same_adult(one, adult)), None)
        if twin is not None:
            mine.remove(twin)
            join_adults(session, now=now, kept=twin, lost=adult, outcome=outcome)
    present, coming = _adults(session, kept.id), _adults(session, lost.id)
    if len(present) + len(coming) > MAX_ADULTS:
        raise Refusal("merge_too_many_adults", names=[one.full_name for one in (*present, *coming)])
    if present and coming:
        coming[0].rank = MAX_ADULTS + 1 - present[0].rank
        session.flush()
    children = _children(session, kept.id)
    for child in _children(session, lost.id):
        same = next((one for one in children if one.id != child.id and same_child(one, child)), None)
        if same is not None:
            children = [one for one in children if one is not same and one is not child]
            join_children(session, kept=same, lost=child, outcome=outcome)


def _adults(session: Session, family_id: int) -> list[Guardian]:
    return list(
        session.scalars(select(Guardian).where(Guardian.family_id == family_id).order_by(Guardian.rank))
    )


def _children(session: Session, family_id: int) -> list[Child]:
    members = select(ChildFamily.child_id).where(ChildFamily.family_id == family_id)
    return list(session.scalars(select(Child).where(Child.id.in_(members)).order_by(Child.id)))


def _join_memberships(session: Session, kept: Family, lost: Family, outcome: Outcome) -> None:
    """Join the times that a child was of one file and of the other."""
    mine, others = (memberships(session, ChildFamily.family_id == one.id) for one in (kept, lost))
    for other in others:
        theirs = [row for row in mine if row.child_id == other.child_id]
        gone = join_membership(session, other, theirs, outcome)
        mine = [row for row in mine if row not in gone]


def _join_addresses(session: Session, kept: Family, lost: Family, outcome: Outcome) -> None:
    """Keep of the other file's addresses what comes before the kept ones; those that overlap are set aside."""
    mine, others = _addresses(session, kept.id), _addresses(session, lost.id)
    if not mine:
        return
    first: date = mine[0].valid_from
    first_id = mine[0].id
    for other in others:
        if other.valid_from >= first:
            set_row_aside(session, ADDRESS, other.id, first_id, outcome.moves)
        elif other.valid_to is None or other.valid_to > first:
            other.valid_to = first
    session.flush()


def _addresses(session: Session, family_id: int) -> Sequence[FamilyAddress]:
    statement = select(FamilyAddress).where(FamilyAddress.family_id == family_id)
    return session.scalars(statement.order_by(FamilyAddress.valid_from)).all()


def _end_letters(session: Session, lost: Family, now: datetime) -> None:
    """Revoke the secrets of the letters that bear the code that ends."""
    session.execute(
        update(ActivationSecret)
        .where(
            ActivationSecret.family_id == lost.id,
            ActivationSecret.used_at.is_(None),
            ActivationSecret.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def _settle_sign_in(session: Session, code: str | None, kept: Family) -> None:
    """Let who signed in with the code that ends sign in with the kept one, unless somebody does already."""
    if code is None:
        return
    holder = session.scalar(select(User).where(User.username == code))
    if holder is None:
        return
    is_taken = session.scalar(select(User.id).where(User.username == kept.code)) is not None
    is_adult = session.scalar(
        select(Guardian.id).where(Guardian.family_id == kept.id, Guardian.user_id == holder.id)
    )
    holder.username = None if is_taken or is_adult is None else kept.code
    session.flush()
