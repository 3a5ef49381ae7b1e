"""Who may touch what: the last word, said by operations; pages answer 404 before it comes to that."""

from domain.actor import Actor, Role
from domain.errors import Refusal


def may_act_for(actor: Actor, family_id: int) -> bool:
    """Whether the actor is staff, a program, or an adult of this family."""
    return actor.is_staff or family_id in actor.family_ids


def require_family(actor: Actor, family_id: int) -> None:
    """Check that the actor may act for a family.

    Raises:
        Refusal: ``not_your_family``.
    """
    if not may_act_for(actor, family_id):
        raise Refusal("not_your_family")


def require_role(actor: Actor, *roles: Role) -> None:
    """Check that the actor has one of these roles, or is a program.

    Raises:
        Refusal: ``not_allowed``.
    """
    if actor.user_id is not None and not actor.roles & set(roles):
        raise Refusal("not_allowed")
