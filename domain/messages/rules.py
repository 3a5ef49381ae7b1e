"""Which mails leave first, and how long one that could not leave waits before it is tried again."""

from datetime import timedelta

# A server that restarts is met again within minutes; one that is down over a night, by the last tries.
DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
    timedelta(hours=12),
)
MAX_ATTEMPTS = len(DELAYS) + 1

# What one act tells many families of: it leaves after every mail that somebody waits for (a password, a payment).
SENT_IN_NUMBERS = frozenset(
    {
        "deadline_reminder",
        "debit_announced",
        "debit_returned",
        "document_expiring",
        "event_announced",
        "invoice_issued",
        "invoice_reminder",
        "quotient_ending",
        "tax_certificate_ready",
        "wishes_answered",
    }
)


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after this many failed attempts (1 or more) before the next one.

    Raises:
        ValueError: the mail was never tried, or ``MAX_ATTEMPTS`` is reached and nothing is tried again.
    """
    if not 1 <= attempts < MAX_ATTEMPTS:
        msg = f"no try follows {attempts} attempts"
        raise ValueError(msg)
    return DELAYS[attempts - 1]
