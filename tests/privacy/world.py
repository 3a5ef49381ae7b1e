"""What privacy adds to the town of the rights matrix: two archives, and a request to correct."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.privacy.download import ask_for_adult, ask_for_data, keep_archive
from domain.privacy.requests import Right, ask_right
from models.accounts import User
from models.documents import StoredFile
from tests.support.households import ACTOR, instant

NOW = instant(date(2026, 11, 23), 11)


def hold_data(
    session: Session, owner: User, ids: Mapping[str, Any], keep: Callable[[Session, bytes, str], StoredFile]
) -> dict[str, int]:
    """Keep an archive of the owner's data, another made at the desk, and ask for a correction."""
    family_id = ids["family"]
    actor = Actor(
        label=f"user:{owner.id}",
        user_id=owner.id,
        roles=frozenset({Role.PARENT}),
        family_ids=frozenset({family_id}),
    )
    own = ask_for_data(session, actor=actor, now=NOW)
    desk = ask_for_adult(session, actor=ACTOR, now=NOW, guardian_id=ids["guardian"], proof="Carte vue")
    for asked in (own, desk):
        file = keep(session, b"PK", "application/zip")
        keep_archive(session, now=NOW, request_id=asked.id, file=file)
    words = "Le prénom de Jade s’écrit avec un e."
    right = ask_right(
        session, actor=actor, now=NOW, family_id=family_id, right=Right.RECTIFICATION, message=words
    )
    return {"own_data": own.id, "desk_data": desk.id, "data_right": right.id}
