"""Privacy in the town: a family that left, a purge ten days ago, and what Bob asks about his data."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from demo.families import Builder
from demo.people import parent_email
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.family.departure import depart_family
from domain.privacy.purge import purge_batch, start_purge
from domain.privacy.requests import Right, ask_right
from models.accounts import User
from models.family import Family, FamilyState, Guardian

# A town of a few families keeps them all.
MANY = 50
PURGED_AGO, LEFT_AGO = timedelta(days=10), timedelta(days=6)


def keep_privacy(builder: Builder, now: datetime) -> None:
    """Purge (a new town has nothing to lose), let a family leave, and ask for a correction."""
    session = builder.session
    run = start_purge(session, actor=builder.actor, now=now - PURGED_AGO)
    while purge_batch(session, now=now - PURGED_AGO, run_id=run.id):
        session.flush()
    _leave(builder, now)
    _ask(builder, now)


def _leave(builder: Builder, now: datetime) -> None:
    if (builder.session.scalar(select(func.count()).select_from(Family)) or 0) < MANY:
        return
    leaving = builder.session.scalar(
        select(func.max(Family.id)).where(
            Family.state == FamilyState.VALIDATED, Family.id.not_in(builder.persona_families)
        )
    )
    if leaving is not None:
        depart_family(
            builder.session,
            actor=builder.actor,
            now=now,
            family_id=leaving,
            left_on=local_day(now - LEFT_AGO),
            reason="Déménagement à Nantes",
        )


def _ask(builder: Builder, now: datetime) -> None:
    found = builder.session.execute(
        select(User.id, Guardian.family_id)
        .join(Guardian, Guardian.user_id == User.id)
        .where(User.email == parent_email("bob"))
    ).one()
    ask_right(
        builder.session,
        actor=Actor(
            label=f"user:{found.id}",
            user_id=found.id,
            roles=frozenset({Role.PARENT}),
            family_ids=frozenset({found.family_id}),
        ),
        now=now - timedelta(days=2),
        family_id=found.family_id,
        right=Right.ERASURE,
        message="Mon ancien numéro de téléphone figure encore dans vos courriers : merci de l’effacer.",
    )
