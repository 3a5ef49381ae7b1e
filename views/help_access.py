"""Kind words by e-mail for those whom a page may only answer neutrally."""

from flask import after_this_request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from domain import clock
from domain.demarches.operations import request_access_help
from domain.family.rules import read_family_code
from models.accounts import User
from models.family import Family, FamilyState, Guardian
from views.access import current_actor
from views.extensions import db
from views.mailing import absolute, send_mail


def commit_after_request() -> None:
    """Commit what this request wrote, once its answer is made: for pages that Flask-Security serves."""

    @after_this_request
    def _commit(response: Response) -> ResponseReturnValue:
        db.session.commit()
        return response


def _once(kind: str, subject: object) -> str:
    """Return a key that lets one such mail leave per hour."""
    return f"{kind}:{subject}:{clock.now():%Y%m%d%H}"


def help_unconfirmed(user: User) -> None:
    """Tell an account that it waits for its confirmation link, and what to do without it.

    One made from a letter, which has no role yet, goes back to its letter; another asks for a new link.
    """
    kind, page = (
        ("signup_unconfirmed", "security.send_confirmation")
        if user.roles
        else ("account_unconfirmed", "activation.start")
    )
    send_mail(
        kind,
        user.email,
        once_key=_once(kind, user.id),
        person_name=user.display_name,
        again_url=absolute(page),
    )
    commit_after_request()


def help_without_account(identity: str) -> None:
    """Answer a code famille, or a family's e-mail, that has no account yet.

    The adults known by e-mail are told to use their letter; without any e-mail on file the request
    reaches the staff's list. An unknown identity gets nothing.
    """
    code = read_family_code(identity)
    if code is not None:
        family = db.session.scalar(
            select(Family).where(Family.code == code, Family.state == FamilyState.VALIDATED)
        )
        emails = _emails(Guardian.family_id == family.id) if family else []
        if family is not None and not emails:
            request_access_help(db.session(), actor=current_actor(), now=clock.now(), family_id=family.id)
    else:
        emails = _without_account(identity)
    _remind_letter(emails)
    commit_after_request()


def remind_letter(email: str) -> None:
    """Tell the adults whom the town knows by this e-mail that their letter opens their account."""
    _remind_letter(_without_account(email))


def _without_account(email: str) -> list[tuple[str, int, str, str]]:
    return _emails(Guardian.email == email.strip().lower(), Guardian.user_id.is_(None))


def _remind_letter(emails: list[tuple[str, int, str, str]]) -> None:
    for email, family_id, family_code, name in emails:
        send_mail(
            "activation_reminder",
            email,
            family_id=family_id,
            once_key=_once("activation_reminder", f"{family_id}:{email}"),
            person_name=name,
            family_code=family_code,
            activation_url=absolute("activation.start"),
        )


def _emails(*conditions: object) -> list[tuple[str, int, str, str]]:
    rows = db.session.execute(
        select(Guardian, Family.code)
        .join(Family, Family.id == Guardian.family_id)
        .where(Guardian.email != "", Family.state == FamilyState.VALIDATED, *conditions)  # type: ignore[arg-type]
        .order_by(Guardian.rank)
    )
    return [(guardian.email, guardian.family_id, code, guardian.full_name) for guardian, code in rows]
