"""Letting people in, in order of arrival: a few statements on one small table, the same for all processes.

Whoever waits takes the room's lock for its few statements (PostgreSQL: an advisory lock; SQLite: it writes first, and
one transaction writes at a time), so that seats are counted once. Whoever has a seat reads its own row, and no more.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from domain.queueing.rules import (
    PACE_WINDOW,
    PATIENCE,
    SEAT_KEPT,
    SEEN_AGAIN,
    TICKET_KEPT,
    free_seats,
    is_seated,
    minutes_left,
)
from models.base import Base
from models.queueing import QueueTicket

TICKETS = Base.metadata.tables[QueueTicket.__tablename__]
_T = TICKETS.c
ROOM_LOCK = 0x5EA7  # the number of the room among the advisory locks of the database


@dataclass(frozen=True, slots=True)
class Place:
    """Where a browser stands: let in, or behind ``ahead`` others for about ``minutes`` (None: not known yet)."""

    ticket_id: int
    is_in: bool
    ahead: int = 0
    minutes: int | None = None


def find_place(connection: Connection, *, now: datetime, seats: int, ticket_id: int | None) -> Place:
    """Return where a browser stands, once as many were let in as there are seats.

    A browser that was let in costs one read; it loses its seat when it is not seen for a while, and then comes
    behind those who wait, as on a first visit.

    Args:
        ticket_id: of the browser's signed cookie; None on its first visit.
    """
    row = _ticket(connection, ticket_id)
    if row is not None and is_seated(row.admitted_at, row.seen_at, now):
        if now - row.seen_at >= SEEN_AGAIN:
            connection.execute(update(TICKETS).where(_T.id == row.id).values(seen_at=now))
        return Place(row.id, is_in=True)
    _lock(connection)
    if row is None or row.admitted_at is not None:
        held = _take_ticket(connection, now)
    else:
        held = row.id
        connection.execute(update(TICKETS).where(_T.id == held).values(seen_at=now))
    _let_in(connection, now, seats)
    return _place(connection, held, now)


def keep_seat(connection: Connection, *, now: datetime, ticket_id: int | None) -> int:
    """Seat a browser that sends a form, whatever its ticket says: nobody waits in the middle of an act.

    Returns:
        The ticket that it holds from now on.
    """
    row = _ticket(connection, ticket_id)
    if row is None or row.admitted_at is None:
        return _take_ticket(connection, now, admitted_at=now)
    connection.execute(update(TICKETS).where(_T.id == row.id).values(seen_at=now))
    return int(row.id)


def drop_old_tickets(connection: Connection, *, now: datetime) -> int:
    """Forget the browsers not seen since yesterday; return how many."""
    return int(connection.execute(delete(TICKETS).where(_T.seen_at < now - TICKET_KEPT)).rowcount)


def _ticket(connection: Connection, ticket_id: int | None) -> Any:
    if ticket_id is None:
        return None
    return connection.execute(select(TICKETS).where(_T.id == ticket_id)).first()


def _lock(connection: Connection) -> None:
    """Let the others of the room wait until this transaction ends; SQLite does so at its first write."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(ROOM_LOCK)))


def _take_ticket(connection: Connection, now: datetime, admitted_at: datetime | None = None) -> int:
    values = {"arrived_at": now, "seen_at": now, "admitted_at": admitted_at}
    taken: int = connection.execute(insert(TICKETS).values(values).returning(_T.id)).scalar_one()
    return taken


def _let_in(connection: Connection, now: datetime, seats: int) -> None:
    """Give the free seats to the first who wait and are there."""
    seated = select(func.count()).where(_T.admitted_at.is_not(None), _T.seen_at > now - SEAT_KEPT)
    free = free_seats(seats, connection.execute(seated).scalar_one())
    if not free:
        return
    first = _waiting(now).order_by(_T.id).limit(free)
    ids = list(connection.execute(first).scalars())
    connection.execute(
        update(TICKETS).where(_T.id.in_(ids), _T.admitted_at.is_(None)).values(admitted_at=now)
    )


def _place(connection: Connection, ticket_id: int, now: datetime) -> Place:
    if connection.execute(select(_T.admitted_at).where(_T.id == ticket_id)).scalar_one() is not None:
        return Place(ticket_id, is_in=True)
    before = _waiting(now).where(_T.id < ticket_id).subquery()
    ahead = connection.execute(select(func.count()).select_from(before)).scalar_one()
    lately = select(func.count()).where(_T.admitted_at > now - PACE_WINDOW)
    return Place(
        ticket_id,
        is_in=False,
        ahead=ahead,
        minutes=minutes_left(ahead, connection.execute(lately).scalar_one()),
    )


def _waiting(now: datetime) -> Select[Any]:
    return select(_T.id).where(_T.admitted_at.is_(None), _T.seen_at > now - PATIENCE)
