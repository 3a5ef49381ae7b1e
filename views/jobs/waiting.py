"""The worker keeps the waiting lists moving: expired offers pass on, lists close, families are told."""

from sqlalchemy import select

from domain import clock
from domain.actor import system
from domain.reservations.queries import open_offers
from domain.reservations.waiting import close_waiting_lists, expire_offers
from models.base import stamp_session
from models.reservations import WaitingEntry, WaitingState
from views.extensions import db
from views.mailing import absolute, tell_family

WORKER = system("worker")
AT_ONCE = 100


def move_waiting_lists() -> int:
    """Pass expired offers on, close what is over, tell of new offers; return how many families were told."""
    session, now = db.session(), clock.now()
    stamp_session(session, WORKER.label, now)
    while expire_offers(session, now=now, limit=AT_ONCE):
        session.commit()
    close_waiting_lists(session, now=now)
    session.commit()
    return _tell_offers()


def _tell_offers() -> int:
    """Tell each family of its offer, in the transaction that notes that it was told."""
    told = 0
    due = select(WaitingEntry).where(
        WaitingEntry.state == WaitingState.OFFERED, WaitingEntry.told_at.is_(None)
    )
    for entry in db.session.scalars(due.order_by(WaitingEntry.id).limit(AT_ONCE)).all():
        stamp_session(db.session(), WORKER.label, clock.now())
        offer = open_offers(db.session(), family_id=entry.family_id, entry_id=entry.id)[0]
        tell_family(
            "place_offered",
            entry.family_id,
            about=[entry.child_id],
            child_name=offer.child_name,
            activity_name=offer.activity_name,
            day=offer.day,
            expires_at=entry.offer_expires_at,
            url=absolute("parent.offer", entry_id=entry.id),
        )
        entry.told_at = clock.now()
        db.session.commit()
        told += 1
    return told
