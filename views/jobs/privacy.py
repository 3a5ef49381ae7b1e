"""The worker makes archives, goes on with purges, and at night does what privacy asks by the day."""

from domain import clock
from domain.actor import system
from domain.family.departure import close_departed_families
from domain.jobs.queries import forget_job_files
from domain.privacy.download import forget_archives, waiting_requests
from domain.privacy.purge import open_purge, start_purge
from models.base import stamp_session
from models.town import Town
from views.extensions import db
from views.held_data import make_archive
from views.purging import remove_files, run_purge

WORKER = system("worker")


def make_archives() -> int:
    """Make the archives that people asked for, each in its own transaction; return how many."""
    requests = waiting_requests(db.session())
    for request_id in requests:
        stamp_session(db.session(), WORKER.label, clock.now())
        make_archive(request_id)
        db.session.commit()
    return len(requests)


def go_on_purging() -> int:
    """Go on with the purge that was started; return how many."""
    run = open_purge(db.session())
    if run is None:
        return 0
    run_purge(run.id, WORKER.label)
    return 1


def keep_privacy() -> int:
    """Close the files of families that leave today, remove archives that are over, purge if the town wants it so."""
    session, now = db.session(), clock.now()
    stamp_session(session, WORKER.label, now)
    closed = close_departed_families(session, now=now)
    forget_archives(session, now=now)
    forget_job_files(session, now=now)
    session.commit()
    remove_files()
    town = session.get(Town, 1)
    if town is not None and town.purges_by_itself:
        stamp_session(session, WORKER.label, now)
        run = start_purge(session, actor=WORKER, now=now)
        session.commit()
        run_purge(run.id, WORKER.label)
    return closed
