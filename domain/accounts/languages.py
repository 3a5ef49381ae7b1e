"""The language in which an account reads the portal and is written to."""

from sqlalchemy.orm import Session

from domain.actor import Actor
from models.accounts import User


def choose_language(session: Session, *, actor: Actor, language: str) -> None:
    """Keep the language that the actor's own account chose, by its code, e.g. ``en``."""
    session.get_one(User, actor.user_id).language = language
    session.flush()
