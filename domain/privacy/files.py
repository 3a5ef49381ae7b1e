"""Files whose rows go: the bytes follow once that is committed, so that neither is ever left without the other."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.documents.storage import FileStore
from models.documents import StoredFile
from models.privacy import DoomedFile

AT_ONCE = 200


def doom_files(session: Session, file_ids: Iterable[int | None], now: datetime) -> int:
    """Delete the rows of files that nothing names any more, and write their bytes down for removal.

    The caller has taken away whatever named them.
    """
    wanted = sorted({file_id for file_id in file_ids if file_id is not None})
    keys = session.scalars(select(StoredFile.key).where(StoredFile.id.in_(wanted))).all()
    session.add_all(DoomedFile(key=key, at=now) for key in keys)
    session.execute(
        delete(StoredFile).where(StoredFile.id.in_(wanted)).execution_options(synchronize_session=False)
    )
    session.flush()
    return len(keys)


def remove_doomed_files(session: Session, store: FileStore) -> int:
    """Remove the bytes that are written down, after the transaction that wrote them; return how many.

    Killed in the middle, it removes the rest when it is run again: forgetting a key twice is no error. The caller
    commits.
    """
    keys = session.scalars(select(DoomedFile.key).order_by(DoomedFile.key).limit(AT_ONCE)).all()
    for key in keys:
        store.delete(key)
    session.execute(
        delete(DoomedFile).where(DoomedFile.key.in_(keys)).execution_options(synchronize_session=False)
    )
    session.flush()
    return len(keys)
