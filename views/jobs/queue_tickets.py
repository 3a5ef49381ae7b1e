"""The worker forgets who waited for the reservation pages yesterday."""

from domain import clock
from domain.queueing.operations import drop_old_tickets
from views.extensions import db


def forget_queue_tickets() -> int:
    """Drop the old tickets of the waiting room; return how many."""
    with db.engine.begin() as connection:
        return drop_old_tickets(connection, now=clock.now())
