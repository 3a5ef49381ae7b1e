"""What the home tells of: what others did on the family's file since the last visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from domain.clock import local_day
from domain.family.news import News, family_news, news_since
from domain.reservations.queries import HomeChild
from views.access import current_actor
from views.extensions import db
from views.formats import day_of_month
from views.words import plural

SHOWN = 4


class Telling(NamedTuple):
    """How an act is told.

    Attributes:
        endpoint: where it is read.
        names_child: the words name the child that the trail wrote down.
        is_of_child: it may concern a child; not told to an adult who may not see every child.
    """

    words: Any
    drawing: str
    endpoint: str
    names_child: bool = False
    is_of_child: bool = False


TELLINGS = {
    "save_reservations": Telling(_l("Réservations de %(child)s"), "calendar-days", "parent.month", names_child=True),
    "answer_wishes": Telling(_l("Réponse aux vœux de %(child)s"), "calendar-days", "parent.wishes", names_child=True),
    "set_custody": Telling(_l("Calendrier de garde de %(child)s"), "users", "parent.month", names_child=True),
    "accept_document": Telling(_l("Document accepté"), "file-text", "parent.documents", is_of_child=True),
    "accept_registration": Telling(
        _l("Inscription à une activité acceptée"), "calendar-days", "parent.reservations", is_of_child=True
    ),
    "refuse_registration": Telling(
        _l("Inscription à une activité refusée"), "calendar-days", "parent.reservations", is_of_child=True
    ),
    "school_enrolment_decided": Telling(
        _l("Réponse à votre inscription scolaire"), "file-text", "parent.requests", is_of_child=True
    ),
    "accept_absence": Telling(_l("Absence acceptée"), "calendar-days", "parent.invoices", is_of_child=True),
    "address_accepted": Telling(_l("Nouvelle adresse acceptée"), "map-pin", "parent.requests"),
    "address_refused": Telling(_l("Nouvelle adresse refusée"), "map-pin", "parent.requests"),
    "correct_invoice": Telling(_l("Facture corrigée par un avoir"), "receipt-euro", "parent.invoices"),
    "receive_payment": Telling(_l("Paiement reçu"), "euro", "parent.account_statement"),
    "return_debit": Telling(_l("Prélèvement refusé par la banque"), "euro", "parent.invoices"),
    "record_quotient": Telling(_l("Quotient familial enregistré"), "euro", "parent.family"),
    "accept_data_right": Telling(_l("Réponse à votre demande sur vos données"), "shield-check", "parent.my_data"),
    "refuse_data_right": Telling(_l("Réponse à votre demande sur vos données"), "shield-check", "parent.my_data"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A line of news."""

    text: str
    note: str
    href: str
    drawing: str


def told_news(
    family_id: int, children: Sequence[HomeChild], now: datetime, *, sees_all: bool
) -> tuple[str, list[Told]]:
    """Return since when, in words, and the newest lines.

    Args:
        sees_all: whether the adult may see every child of the family.
    """
    since = news_since(current_user.last_login_at, now)
    names = {child.id: child.given_name for child in children}
    found = family_news(
        db.session(), actor=current_actor(), family_id=family_id, since=since, actions=TELLINGS.keys()
    )
    lines = [_told(one, names) for one in found if _may_tell(one, names, sees_all=sees_all)]
    return _("depuis le %(day)s", day=day_of_month(local_day(since))), lines[:SHOWN]


def _may_tell(one: News, names: dict[int, str], *, sees_all: bool) -> bool:
    telling = TELLINGS[one.action]
    return one.child_id in names if telling.names_child else sees_all or not telling.is_of_child


def _told(one: News, names: dict[int, str]) -> Told:
    telling = TELLINGS[one.action]
    text = str(telling.words)
    if telling.names_child and one.child_id is not None:
        text = text % {"child": names[one.child_id]}
    return Told(text, ", ".join(_details(one)), _address(telling, one), telling.drawing)


def _address(telling: Telling, one: News) -> str:
    if telling.endpoint == "parent.month":
        return url_for(telling.endpoint, child_id=one.child_id)
    return url_for(telling.endpoint)


def _details(one: News) -> list[str]:
    booked = plural("%(num)d journée réservée", "%(num)d journées réservées", one.booked)
    cancelled = plural("%(num)d annulée", "%(num)d annulées", one.cancelled)
    counts = [
        words % {"num": count} for words, count in ((booked, one.booked), (cancelled, one.cancelled)) if count
    ]
    return [day_of_month(local_day(one.at)), *counts]
