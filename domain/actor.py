"""Who acts: handed to every operation, so that rights are checked and the audit trail is signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.custody.rules import AdultRights


class Role(StrEnum):
    """What a person may do in the portal."""

    ADMINISTRATOR = "administrator"
    SCHOOL_AGENT = "school_agent"
    REGISSEUR = "regisseur"
    ACTIVITY_LEADER = "activity_leader"
    PARENT = "parent"


STAFF_ROLES = frozenset(Role) - {Role.PARENT}


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or program that does an act.

    Args:
        label: what the audit trail shows, e.g. ``user:12`` or ``system:import``.
        user_id: the account, or None for a program.
        roles: the account's roles.
        family_ids: the families that this account may act for (parents only).
        departed_ids: those of them that left the town: they read and pay, and change nothing else.
        guardian_ids: the guardians (adults of family files) that this account is.
        limits: what this adult may do today for a child of a family, by family and child; full where absent.
        on_behalf_of_family_id: the family for which an agent acts at the desk, as its parent would.
    """

    label: str
    user_id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    family_ids: frozenset[int] = field(default_factory=frozenset)
    guardian_ids: frozenset[int] = field(default_factory=frozenset)
    departed_ids: frozenset[int] = field(default_factory=frozenset)
    limits: Mapping[tuple[int, int], AdultRights] = field(default_factory=dict)
    on_behalf_of_family_id: int | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the town (a program counts as staff)."""
        return self.user_id is None or bool(self.roles & STAFF_ROLES)


def system(name: str) -> Actor:
    """Return the actor for a program of the portal, e.g. ``system("worker")``."""
    return Actor(label=f"system:{name}")
