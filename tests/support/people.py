"""Members of staff for tests: the account, its role, and nothing more."""

from sqlalchemy.orm import Session

from domain.actor import Role
from domain.install import ensure_roles
from models.accounts import User
from tests.support.households import AUGUST


def make_staff(session: Session, email: str, role: Role) -> User:
    """An account of staff with one role, confirmed; the second factor has its own tests."""
    user = User(
        email=email,
        display_name=email.partition("@")[0].capitalize(),
        fs_uniquifier=f"mark-of-{email}",
        confirmed_at=AUGUST,
        roles=[ensure_roles(session)[role.value]],
    )
    session.add(user)
    session.flush()
    return user
