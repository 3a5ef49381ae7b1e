"""The keyboard's shortcuts of one key, which an account may turn off (WCAG 2.1.4)."""

from sqlalchemy.orm import Session

from domain.actor import Actor
from models.accounts import User


def choose_shortcuts(session: Session, *, actor: Actor, uses: bool) -> None:
    """Keep whether a single key acts for the actor's own account."""
    session.get_one(User, actor.user_id).uses_shortcuts = uses
    session.flush()
