"""Who may touch what: the last word, said by operations; pages answer 404 before it comes to that."""

from domain.actor import Actor, Role
from domain.custody.rules import FULL_RIGHTS, AdultRights
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


def require_present(actor: Actor, family_id: int) -> None:
    """Check that the actor's family did not leave the town.

    Raises:
        Refusal: ``family_departed``.
    """
    if family_id in actor.departed_ids:
        raise Refusal("family_departed")


def rights_over(actor: Actor, family_id: int, child_id: int) -> AdultRights:
    """Return what the actor may do today for a child, as an adult of one of its families."""
    return actor.limits.get((family_id, child_id), FULL_RIGHTS)


def hidden_children(actor: Actor, family_id: int) -> frozenset[int]:
    """Return the children of a family that the actor may not even see: it has no parental authority today."""
    return frozenset(
        child_id
        for (of_family, child_id), rights in actor.limits.items()
        if of_family == family_id and not rights.has_parental_authority
    )


def require_booking(actor: Actor, family_id: int, child_id: int) -> None:
    """Check that the actor may book, cancel and register for a child of a family.

    Raises:
        Refusal: ``not_your_family``; ``family_departed`` when it left the town; ``may_not_reserve`` when this
            adult's right is withdrawn today.
    """
    require_family(actor, family_id)
    require_present(actor, family_id)
    rights = rights_over(actor, family_id, child_id)
    if not (rights.has_parental_authority and rights.may_reserve):
        raise Refusal("may_not_reserve")


def require_role(actor: Actor, *roles: Role) -> None:
    """Check that the actor has one of these roles, or is a program.

    Raises:
        Refusal: ``not_allowed``.
    """
    if actor.user_id is not None and not actor.roles & set(roles):
        raise Refusal("not_allowed")
