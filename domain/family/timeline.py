"""The thread of a family's file: who did what, when, and for whom, in names instead of numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from models.accounts import User
from models.audit import AuditEntry
from models.family import Child, Guardian

ACCOUNT = re.compile(r"user:(\d+)(?: for family:\d+)?")
AT_DESK = re.compile(r"user:\d+ for family:\d+")


class Doer(StrEnum):
    """What kind of hand did it."""

    PARENT = "parent"
    STAFF = "staff"
    PROGRAM = "program"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the thread.

    Attributes:
        name: of the person, "" for a program or a visitor; an account erased since keeps its kind only.
        is_for_family: a member of staff did it in the family's place, at the desk.
        about: the child or adult that it concerns, "" when it is the family.
        booked, cancelled: how many days a change of bookings booked and cancelled.
    """

    id: int
    at: datetime
    action: str
    doer: Doer
    name: str
    is_for_family: bool
    about: str
    booked: int
    cancelled: int


def family_timeline(
    session: Session, *, family_id: int, limit: int, before_id: int | None = None
) -> list[Act]:
    """Return the newest acts on a family's file; at most five queries.

    Args:
        before_id: only what was written before this act, for the following page.
    """
    statement = select(AuditEntry).where(AuditEntry.family_id == family_id)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    entries = session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit)).all()
    people = _accounts(session, (entry.by for entry in entries))
    names = _names(session, entries)
    return [_act(entry, people, names) for entry in entries]


def _accounts(session: Session, labels: Iterable[str]) -> Mapping[int, User]:
    ids = {int(found[1]) for label in labels if (found := ACCOUNT.fullmatch(label))}
    if not ids:
        return {}
    rows = session.scalars(select(User).where(User.id.in_(sorted(ids))).options(selectinload(User.roles)))
    return {user.id: user for user in rows}


def _names(session: Session, entries: Sequence[AuditEntry]) -> Mapping[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    children, adults = _subjects(entries, "child"), _subjects(entries, "guardian")
    if children:
        rows = session.scalars(select(Child).where(Child.id.in_(children)))
        found |= {("child", one.id): one.full_name for one in rows}
    if adults:
        found |= {
            ("guardian", one.id): one.full_name
            for one in session.scalars(select(Guardian).where(Guardian.id.in_(adults)))
        }
    return found


def _subjects(entries: Sequence[AuditEntry], kind: str) -> list[int]:
    return sorted({entry.subject_id for entry in entries if entry.subject_kind == kind and entry.subject_id})


def _act(entry: AuditEntry, people: Mapping[int, User], names: Mapping[tuple[str, int], str]) -> Act:
    doer, name = _doer(entry, people)
    return Act(
        id=entry.id,
        at=entry.at,
        action=entry.action,
        doer=doer,
        name=name,
        is_for_family=AT_DESK.fullmatch(entry.by) is not None,
        about=names.get((entry.subject_kind, entry.subject_id or 0), ""),
        booked=len((entry.after or {}).get("booked", ())),
        cancelled=len((entry.before or {}).get("cancelled", ())),
    )


def _doer(entry: AuditEntry, people: Mapping[int, User]) -> tuple[Doer, str]:
    found = ACCOUNT.fullmatch(entry.by)
    if found is None:
        return (Doer.VISITOR if entry.by == "anonymous" else Doer.PROGRAM), ""
    user = people.get(int(found[1]))
    is_staff = entry.on_behalf if user is None else user.is_staff
    return (Doer.STAFF if is_staff else Doer.PARENT), user.display_name if user else ""
