"""Mandates: signed by a family on line, or on paper and entered by the régisseur; ended by either."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family, require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.direct_debits.rules import is_lapsed, masked_iban, read_bic, read_iban
from domain.errors import Refusal
from domain.numbering import take_numbers
from models.direct_debits import MandateOrigin, SepaMandate
from models.town import Town

SERIES = "RUM"
HOLDER_LENGTH = 70


@dataclass(frozen=True, slots=True)
class Account:
    """The account to be debited, as somebody typed it; ``bic`` may be left empty."""

    holder: str
    iban: str
    bic: str = ""


def offers_direct_debit(session: Session) -> bool:
    """Whether the town has said by which identifier and to which account it collects."""
    town = session.scalars(select(Town)).first()
    return town is not None and bool(town.sepa_creditor_id and town.sepa_iban)


def live_mandate(session: Session, family_id: int, today: date) -> SepaMandate | None:
    """Return the mandate that a family's invoices may be collected with; a lapsed one is none."""
    found = session.scalars(_live(family_id)).first()
    return None if found is None or is_lapsed(found.signed_on, found.last_used_on, today) else found


def sign_mandate(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    account: Account,
    signed_on: date | None = None,
) -> SepaMandate:
    """Write a family's mandate down and give it its number (RUM).

    Args:
        signed_on: the day on a paper mandate, entered by staff; None when the family signs now, on line.

    Raises:
        Refusal: ``not_your_family``, ``not_allowed`` (paper, for another than the régie), ``direct_debit_closed``,
            ``holder_missing``, ``mandate_exists``, ``signed_in_future``, and those of ``read_iban`` and ``read_bic``.
    """
    require_family(actor, family_id)
    if signed_on is not None:
        require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    today = local_day(now)
    if not offers_direct_debit(session):
        raise Refusal("direct_debit_closed")
    mandate = _mandate(family_id, account, signed_on, today)
    _end_lapsed(session, family_id, today)
    mandate.rum = f"{_town_code(session)}-{today.year}-{take_numbers(session, SERIES, today.year):06d}"
    _add_alone(session, mandate)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="sign_mandate",
        subject_kind="sepa_mandate",
        subject_id=mandate.id,
        family_id=family_id,
        after={
            "rum": mandate.rum,
            "holder": mandate.holder,
            "iban": masked_iban(mandate.iban),
            "origin": mandate.origin.value,
            "signed_on": mandate.signed_on.isoformat(),
        },
    )
    session.flush()
    return mandate


def _mandate(family_id: int, account: Account, signed_on: date | None, today: date) -> SepaMandate:
    holder = " ".join(account.holder.split())[:HOLDER_LENGTH]
    if not holder:
        raise Refusal("holder_missing")
    if signed_on is not None and signed_on > today:
        raise Refusal("signed_in_future")
    iban = read_iban(account.iban)
    return SepaMandate(
        family_id=family_id,
        origin=MandateOrigin.ONLINE if signed_on is None else MandateOrigin.PAPER,
        holder=holder,
        iban=iban,
        bic=read_bic(account.bic, iban),
        signed_on=signed_on or today,
        revoked_reason="",
    )


def _town_code(session: Session) -> str:
    return session.scalars(select(Town.insee_code)).one()


def _live(family_id: int) -> Select[*tuple[SepaMandate]]:
    return select(SepaMandate).where(SepaMandate.family_id == family_id, SepaMandate.revoked_on.is_(None))


def _end_lapsed(session: Session, family_id: int, today: date) -> None:
    """Make room for a new mandate where the former one lapsed by itself.

    Raises:
        Refusal: ``mandate_exists``: the former one still holds.
    """
    former = session.scalars(_live(family_id)).first()
    if former is None:
        return
    if not is_lapsed(former.signed_on, former.last_used_on, today):
        raise Refusal("mandate_exists", rum=former.rum)
    former.revoked_on, former.revoked_reason = today, "36 mois sans prélèvement"
    session.flush()


def _add_alone(session: Session, mandate: SepaMandate) -> None:
    """Add a mandate, unless another one of the family was signed at the same moment."""
    try:
        with session.begin_nested():
            session.add(mandate)
            session.flush()
    except IntegrityError as error:
        raise Refusal("mandate_exists", rum="") from error


def revoke_mandate(
    session: Session, *, actor: Actor, now: datetime, mandate_id: int, reason: str = ""
) -> SepaMandate:
    """End a mandate; what is announced and not yet sent to the bank leaves its batch when the file is written.

    Raises:
        Refusal: ``not_your_family``, ``mandate_ended``.
    """
    mandate = session.get_one(SepaMandate, mandate_id)
    require_family(actor, mandate.family_id)
    if mandate.revoked_on is not None:
        raise Refusal("mandate_ended")
    mandate.revoked_on, mandate.revoked_reason = local_day(now), reason.strip()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="revoke_mandate",
        subject_kind="sepa_mandate",
        subject_id=mandate.id,
        family_id=mandate.family_id,
        before={"rum": mandate.rum, "iban": masked_iban(mandate.iban)},
        after={"reason": mandate.revoked_reason},
    )
    session.flush()
    return mandate
