"""The books are append-only, and the database holds it; this is the one way to open them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from domain.errors import Refusal
from models.books import OpenBooks


@contextmanager
def open_books(session: Session, reason: str) -> Iterator[None]:
    """Let the caller rewrite or delete issued documents and movements, in its transaction only.

    For operations that write their own trail, whole: a merge of two files, a purge after the legal delay. What is
    wrong in the books is never mended so, but by a credit note or a refund.
    """
    row = OpenBooks(reason=reason)
    session.add(row)
    session.flush()
    try:
        yield
    except Refusal:
        _close(session, row)
        raise
    _close(session, row)


def _close(session: Session, row: OpenBooks) -> None:
    session.delete(row)
    session.flush()
