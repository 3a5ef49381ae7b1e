"""Of whom everything is asked: one adult in one or two families, and the children over whom it has authority.

The other home of a shared child is another household: its address, quotient, invoices and bookings are no part of it.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.custody.queries import hidden_from, holds_on
from models.accounts import User
from models.custody import GuardianRight
from models.family import ChildFamily, Guardian


@dataclass(frozen=True, slots=True)
class Person:
    """An adult whose data is looked for.

    Args:
        emails: the addresses to which mails were sent.
        children: those of its families, past ones too, but those over whom it has no authority today.
        hidden: the others, of whom nothing is said.
        health_children: those whose health it may know.
        label: how the trail calls the account.
    """

    name: str
    user_id: int | None
    emails: frozenset[str]
    guardian_ids: frozenset[int]
    family_ids: frozenset[int]
    children: frozenset[int]
    hidden: frozenset[int]
    health_children: frozenset[int]
    label: str

    @property
    def user_ids(self) -> frozenset[int]:
        """The account, if there is one."""
        return frozenset() if self.user_id is None else frozenset({self.user_id})


def person_of_account(session: Session, user_id: int, today: date) -> Person:
    """Return the person behind an account."""
    user = session.get_one(User, user_id)
    guardians = session.scalars(select(Guardian).where(Guardian.user_id == user_id)).all()
    emails = frozenset({user.email, *(one.email for one in guardians if one.email)})
    return _person(session, list(guardians), user.display_name or user.email, user_id, emails, today)


def person_at_desk(session: Session, guardian_id: int, today: date) -> Person:
    """Return an adult of a file; with an account, the person behind it."""
    guardian = session.get_one(Guardian, guardian_id)
    if guardian.user_id is not None:
        return person_of_account(session, guardian.user_id, today)
    emails = frozenset({guardian.email} - {""})
    return _person(session, [guardian], guardian.full_name, None, emails, today)


def _person(
    session: Session,
    guardians: list[Guardian],
    name: str,
    user_id: int | None,
    emails: frozenset[str],
    today: date,
) -> Person:
    families = frozenset(one.family_id for one in guardians)
    members = session.scalars(select(ChildFamily.child_id).where(ChildFamily.family_id.in_(families)))
    everybody, children, health = set(members), set[int](), set[int]()
    for one in guardians:
        theirs = set(
            session.scalars(
                select(ChildFamily.child_id).where(
                    ChildFamily.family_id == one.family_id,
                    ChildFamily.child_id.not_in(hidden_from(one.id, today)),
                )
            )
        )
        blind = select(GuardianRight.child_id).where(
            GuardianRight.guardian_id == one.id, ~GuardianRight.may_see_health, holds_on(today)
        )
        children |= theirs
        health |= theirs - set(session.scalars(blind))
    return Person(
        name=name,
        user_id=user_id,
        emails=emails,
        guardian_ids=frozenset(one.id for one in guardians),
        family_ids=families,
        children=frozenset(children),
        hidden=frozenset(everybody - children),
        health_children=frozenset(health),
        label=f"user:{user_id}" if user_id is not None else "",
    )
