"""Who may come in: one decorator for every page, one function that says who acts."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, current_app, g, redirect, request, session, url_for
from flask_security import current_user
from flask_security.decorators import auth_required
from sqlalchemy import select

from domain import clock
from domain.actor import STAFF_ROLES, Actor, Role
from models.base import stamp_session
from models.family import Family, FamilyState, Guardian
from views.extensions import db

View = TypeVar("View", bound=Callable[..., Any])
DECLARED_STATES = (FamilyState.DRAFT, FamilyState.SUBMITTED, FamilyState.REFUSED)
FRESH_MINUTES, FRESH_GRACE_MINUTES = 30, 5


def access(*who: str, fresh: bool = False) -> Callable[[View], View]:
    """Declare who may open a page.

    Args:
        who: ``"public"``, ``"parent"``, ``"staff"`` (any role of staff), or names of roles.
        fresh: ask for the password again when it was given too long ago (money and secrets).
    """
    allowed = _roles(who)

    def decorate(view: View) -> View:
        if "public" in who:
            view.access = who  # type: ignore[attr-defined]
            return view

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if not allowed & current_actor().roles:
                abort(404 if allowed == {Role.PARENT} else 403)
            return view(*args, **kwargs)

        checked = auth_required("session", within=FRESH_MINUTES, grace=FRESH_GRACE_MINUTES)(guarded)
        result = checked if fresh else guarded
        result.access = who  # type: ignore[attr-defined]
        return result  # type: ignore[return-value]

    return decorate


def _roles(who: tuple[str, ...]) -> frozenset[Role]:
    if "public" in who:
        return frozenset()
    named = frozenset(Role(name) for name in who if name != "staff")
    return named | STAFF_ROLES if "staff" in who else named


def current_actor() -> Actor:
    """Return who acts in this request, and sign the database session with it."""
    if "actor" not in g:
        g.actor = _load_actor() if current_user.is_authenticated else Actor(label="anonymous", user_id=0)
        stamp_session(db.session(), g.actor.label, clock.now())
    return g.actor  # type: ignore[no-any-return]


def _load_actor() -> Actor:
    roles = frozenset(Role(role.name) for role in current_user.roles)
    guardians = []
    if Role.PARENT in roles:
        guardians = db.session.execute(
            select(Guardian.id, Guardian.family_id)
            .join(Family, Family.id == Guardian.family_id)
            .where(Guardian.user_id == current_user.id, Family.state == FamilyState.VALIDATED)
        ).all()
    return Actor(
        label=f"user:{current_user.id}",
        user_id=current_user.id,
        roles=roles,
        family_ids=frozenset(row.family_id for row in guardians),
        guardian_ids=frozenset(row.id for row in guardians),
    )


def current_family_id() -> int:
    """Return the family that the parent is looking at: the chosen one, else the first; 404 without any."""
    families = current_actor().family_ids
    if not families:
        abort(404)
    chosen = session.get("family_id")
    return chosen if chosen in families else min(families)


def declared_family_id() -> int | None:
    """Return the file that the signed-in parent is declaring: not sent, waiting, or refused; None without one.

    Such a file opens nothing else: an actor acts only for the families that the town has validated.
    """
    statement = (
        select(Family.id)
        .join(Guardian, Guardian.family_id == Family.id)
        .where(Guardian.user_id == current_user.id, Family.state.in_(DECLARED_STATES))
        .order_by(Family.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def back_to_sign_in() -> Any:
    """Send a visitor to the sign-in page, and afterwards back here."""
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
