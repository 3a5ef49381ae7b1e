"""The number that every change of settings raises, read once a transaction."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.town import REVISION_KEPT, Town

_REVISION = select(Town.revision)


def settings_revision(session: Session) -> int:
    """Return ``Town.revision`` as this transaction sees it; 0 while the town is not installed.

    What a process keeps of the settings is good as long as it was read at this revision.
    """
    kept = session.info.get(REVISION_KEPT)
    if kept is not None and kept[0] is session.get_transaction():
        return int(kept[1])
    revision = session.scalar(_REVISION) or 0
    session.info[REVISION_KEPT] = session.get_transaction(), revision
    return revision
