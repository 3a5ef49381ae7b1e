"""Running a purge: each batch in its own transaction, and the bytes of its files after it."""

from domain import clock
from domain.privacy.files import remove_doomed_files
from domain.privacy.purge import purge_batch
from models.base import stamp_session
from views.extensions import db
from views.files import file_store


def run_purge(run_id: int, label: str) -> None:
    """Go on with a purge until nothing is due; killed anywhere, it goes on when it is called again."""
    session = db.session()
    while True:
        now = clock.now()
        stamp_session(session, label, now)
        part = purge_batch(session, now=now, run_id=run_id)
        session.commit()
        remove_files()
        if not part:
            return


def remove_files() -> int:
    """Remove the bytes of every file whose row is gone; return how many."""
    session, removed = db.session(), 0
    while count := remove_doomed_files(session, file_store()):
        session.commit()
        removed += count
    session.rollback()
    return removed
