"""What an adult changes alone: telephones, e-mail, and how the family's invoices come."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family
from domain.actor import Actor
from domain.errors import Refusal
from models.accounts import User
from models.family import Family, Guardian


@dataclass(frozen=True, slots=True)
class EmailChanged:
    """An e-mail that has just replaced another."""

    user: User
    old: str
    new: str


def set_phones(
    session: Session, *, actor: Actor, now: datetime, guardian_id: int, phone: str, phone_alt: str
) -> Guardian:
    """Set an adult's telephone numbers, given in E.164 form or empty; they hold at once."""
    guardian = session.get_one(Guardian, guardian_id)
    require_family(actor, guardian.family_id)
    if not actor.is_staff and guardian.id not in actor.guardian_ids:
        raise Refusal("not_your_contact")
    before = {"phone": guardian.phone, "phone_alt": guardian.phone_alt}
    guardian.phone, guardian.phone_alt = phone, phone_alt
    after = {"phone": phone, "phone_alt": phone_alt}
    if before != after:
        audit.record(
            session,
            actor=actor,
            now=now,
            action="phones_changed",
            subject_kind="guardian",
            subject_id=guardian.id,
            family_id=guardian.family_id,
            before=before,
            after=after,
        )
    session.flush()
    return guardian


def request_email_change(session: Session, *, actor: Actor, now: datetime, email: str) -> bool:
    """Keep the new address, in lower case, until its link is clicked.

    Return False when another account has it: the page must answer the same, and no link must leave.

    Raises:
        Refusal: ``same_email``.
    """
    user = session.get_one(User, actor.user_id)
    if user.email == email:
        raise Refusal("same_email", email=email)
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        return False
    user.pending_email = email
    audit.record(
        session,
        actor=actor,
        now=now,
        action="email_change_asked",
        subject_kind="user",
        subject_id=user.id,
        before={"email": user.email},
        after={"email": email},
    )
    session.flush()
    return True


def confirm_email_change(session: Session, *, now: datetime, user_id: int, email: str) -> EmailChanged:
    """Make the confirmed address the account's own, and that of its adult in each family.

    Raises:
        Refusal: ``email_link_used`` when this address is no longer waiting; ``email_taken``.
    """
    user = session.get(User, user_id)
    if user is None or user.pending_email != email:
        raise Refusal("email_link_used")
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Refusal("email_taken")
    old = user.email
    user.email, user.pending_email = email, None
    actor = Actor(label=f"user:{user.id}", user_id=user.id)
    guardians = session.scalars(select(Guardian).where(Guardian.user_id == user.id)).all()
    for guardian in guardians:
        guardian.email = email
        _record_email(session, actor, now, old, email, "guardian", guardian.id, guardian.family_id)
    if not guardians:
        _record_email(session, actor, now, old, email, "user", user.id, None)
    session.flush()
    return EmailChanged(user, old, email)


def _record_email(
    session: Session,
    actor: Actor,
    now: datetime,
    old: str,
    new: str,
    kind: str,
    subject_id: int,
    family_id: int | None,
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action="email_changed",
        subject_kind=kind,
        subject_id=subject_id,
        family_id=family_id,
        before={"email": old},
        after={"email": new},
    )


def choose_e_invoice(session: Session, *, actor: Actor, now: datetime, family_id: int, wants: bool) -> Family:
    """Choose electronic or paper invoices; holds for the invoices issued from now on."""
    require_family(actor, family_id)
    family = session.get_one(Family, family_id)
    before = family.wants_e_invoice
    family.wants_e_invoice = wants
    family.e_invoice_chosen_at = now
    if before != wants:
        audit.record(
            session,
            actor=actor,
            now=now,
            action="e_invoice_chosen",
            subject_kind="family",
            subject_id=family.id,
            family_id=family.id,
            before={"wants_e_invoice": before},
            after={"wants_e_invoice": wants},
        )
    session.flush()
    return family
