"""Rules of privacy: how long each kind of data is kept, and since when it is due to go.

The usual periods are those of DOMAIN.md §10; where no text fixes one, the CNIL's guides for town halls are followed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.dates import add_months
from domain.errors import Refusal

GONE = "effacé"  # what stands where a name stood
MAX_MONTHS = 600
ARCHIVE_DAYS = 7
OVERDUE_DAYS = 31


class Kind(StrEnum):
    """What is kept for a while and then goes; in the order of a purge. The tables know the same values."""

    REFUSED_REQUESTS = "refused_requests"
    DRAFTS = "drafts"
    UNCONFIRMED_ACCOUNTS = "unconfirmed_accounts"
    HEALTH = "health"
    DOCUMENTS = "documents"
    DEPARTED_FAMILIES = "departed_families"
    ACCOUNTING = "accounting"
    LOGS = "logs"
    SECRETS = "secrets"
    MAILS = "mails"
    IMPORTS = "imports"


@dataclass(frozen=True, slots=True)
class Retention:
    """The usual period of a kind, and the least that the law leaves to the town."""

    months: int
    least_months: int = 1


USUAL: Mapping[Kind, Retention] = {
    Kind.REFUSED_REQUESTS: Retention(12),
    Kind.DRAFTS: Retention(6),
    Kind.UNCONFIRMED_ACCOUNTS: Retention(1),
    # After the end of the school year.
    Kind.HEALTH: Retention(0, least_months=0),
    Kind.DOCUMENTS: Retention(6),
    Kind.DEPARTED_FAMILIES: Retention(36),
    # Public accounts are kept ten years (Code du patrimoine, instruction DAF/DPACI of 22 September 2004).
    Kind.ACCOUNTING: Retention(120, least_months=120),
    Kind.LOGS: Retention(12, least_months=6),
    Kind.SECRETS: Retention(1),
    Kind.MAILS: Retention(12),
    Kind.IMPORTS: Retention(3),
}


def cutoff(today: date, months: int) -> date:
    """Return the first day that is still kept: what ended before it is due."""
    return add_months(today, -months)


def last_closed_year(year_ends: Iterable[date], first_kept: date) -> date | None:
    """Return the end of the last school year that is over for longer than the period; None when none is.

    Health data of a school year goes with it: a PAI that ended in March goes in July.
    """
    return max((day for day in year_ends if day < first_kept), default=None)


def check_months(kind: Kind, months: int) -> None:
    """Check a period that the town chooses.

    Raises:
        Refusal: ``retention_out_of_range`` (``least``, ``most``).
    """
    least = USUAL[kind].least_months
    if not least <= months <= MAX_MONTHS:
        raise Refusal("retention_out_of_range", least=least, most=MAX_MONTHS)


def is_overdue(last: datetime, now: datetime) -> bool:
    """Whether the last purge (or the installation) is so long ago that staff are reminded."""
    return now - last > timedelta(days=OVERDUE_DAYS)


def archive_expiry(ready_at: datetime) -> datetime:
    """Return until when a person may fetch the archive of their data."""
    return ready_at + timedelta(days=ARCHIVE_DAYS)


def birth_year(born_on: date) -> date:
    """Return what is left of a birth date once a child is no longer known: the first day of its year."""
    return born_on.replace(month=1, day=1)
