"""The worker issues a year's tax certificates, some families at a time; each step is committed."""

from domain import clock
from domain.actor import system
from domain.statements.yearly import issue_next_certificates, open_tax_run
from models.base import stamp_session
from views.extensions import db

FAMILIES_AT_ONCE = 50
WORKER = system("worker")


def issue_certificates() -> int:
    """Go on with every year that was asked for; return how many families were looked at."""
    seen = 0
    while (run := open_tax_run(db.session())) is not None:
        stamp_session(db.session(), WORKER.label, clock.now())
        seen += issue_next_certificates(
            db.session(), actor=WORKER, now=clock.now(), run_id=run.id, limit=FAMILIES_AT_ONCE
        )
        db.session.commit()
    db.session.rollback()
    return seen
