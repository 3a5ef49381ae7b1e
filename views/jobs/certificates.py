"""The worker issues a year's tax certificates, some families at a time, and tells the families; each step is committed."""

from collections.abc import Sequence

from domain import clock
from domain.actor import system
from domain.statements.yearly import issue_next_certificates, on_screen, open_tax_run
from models.base import stamp_session
from models.statements import Statement
from views.extensions import db
from views.jobs.stopping import is_stopping
from views.mailing import absolute, tell_family

FAMILIES_AT_ONCE = 50
WORKER = system("worker")


def issue_certificates() -> int:
    """Go on with every year that was asked for; return how many families were looked at."""
    seen = 0
    while not is_stopping() and (run := open_tax_run(db.session())) is not None:
        stamp_session(db.session(), WORKER.label, clock.now())
        batch = issue_next_certificates(
            db.session(), actor=WORKER, now=clock.now(), run_id=run.id, limit=FAMILIES_AT_ONCE
        )
        _tell(batch.issued)
        seen += batch.seen
        db.session.commit()
    db.session.rollback()
    return seen


def _tell(issued: Sequence[Statement]) -> None:
    """Queue the e-mail of each new certificate, in the transaction that issues it; families on paper get theirs printed."""
    reached = on_screen(db.session(), [one.family_id for one in issued])
    for one in issued:
        if one.family_id in reached:
            tell_family(
                "tax_certificate_ready",
                one.family_id,
                about={child["child_id"] for child in one.facts["children"]},
                once_key=f"tax_certificate:{one.id}",
                year=one.first_on.year,
                total_cents=one.facts["total_cents"],
                is_replacing=one.replaces_id is not None,
                url=absolute("parent.statements"),
            )
