"""Who may come in: one decorator for every page, one function that says who acts."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Protocol, TypeVar

from flask import abort, current_app, g, redirect, request, session, url_for
from flask_security import current_user
from flask_security.decorators import auth_required
from sqlalchemy import Date, and_, bindparam, select

from domain import clock
from domain.access import hidden_children, rights_over
from domain.actor import STAFF_ROLES, Actor, Role
from domain.custody.queries import holds_on, rights_of
from domain.errors import Refusal
from models.base import stamp_session
from models.custody import GuardianRight
from models.family import Family, FamilyState, Guardian
from views.extensions import db

View = TypeVar("View", bound=Callable[..., Any])
ACTING = "acting_for_family"  # in an agent's session: the family at the desk
DESK_ROLES = frozenset({Role.ADMINISTRATOR, Role.SCHOOL_AGENT})
DECLARED_STATES = (FamilyState.DRAFT, FamilyState.SUBMITTED, FamilyState.REFUSED)
OPEN_STATES = (FamilyState.VALIDATED, FamilyState.DEPARTED)
FRESH_MINUTES, FRESH_GRACE_MINUTES = 30, 5


def access(
    *who: str, fresh: bool = False, personal: bool = False, after_departure: bool = False
) -> Callable[[View], View]:
    """Declare who may open a page.

    A page that names a child is not found by an adult without parental authority over it today. A parent's
    page also opens to an agent who acts for a family (see ``ACTING``), as that family's parent.

    Args:
        who: ``"public"``, ``"parent"``, ``"staff"`` (any role of staff), or names of roles.
        fresh: ask for the password again when it was given too long ago (money and secrets).
        personal: the parent's own secrets and purse: closed to an agent who acts for the family.
        after_departure: takes a form even from a family that left the town; it reads every other page only.
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
            _check(allowed, personal=personal, child_id=kwargs.get("child_id"))
            if actor_departed() and not after_departure:
                _only_reads()
            return view(*args, **kwargs)

        checked = auth_required("session", within=FRESH_MINUTES, grace=FRESH_GRACE_MINUTES)(guarded)
        result = checked if fresh else guarded
        result.access = who  # type: ignore[attr-defined]
        return result  # type: ignore[return-value]

    return decorate


def _check(allowed: frozenset[Role], *, personal: bool, child_id: int | None) -> None:
    """Stop whoever is signed in and may not open the page; see ``access``."""
    is_parents = allowed == {Role.PARENT}
    if is_parents and ACTING in session:
        _act_as_parent()
    actor = current_actor()
    if not allowed & actor.roles:
        abort(404 if is_parents else 403)
    if personal and actor.on_behalf_of_family_id is not None:
        raise Refusal("parents_own")
    if actor.limits and child_id is not None and is_parents and child_id in _hidden():
        abort(404)


def actor_departed() -> bool:
    """Whether the family that the parent is looking at left the town."""
    departed = current_actor().departed_ids
    return bool(departed) and current_family_id() in departed


def _only_reads() -> None:
    if request.method == "POST":
        raise Refusal("family_departed")


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


# Built once: every page of a parent asks it.
_OWN_FILES = (
    select(Guardian.id, Guardian.family_id, Family.state, GuardianRight)
    .join(Family, Family.id == Guardian.family_id)
    .outerjoin(
        GuardianRight,
        and_(GuardianRight.guardian_id == Guardian.id, holds_on(bindparam("today", type_=Date))),
    )
    .where(Guardian.user_id == bindparam("user_id"), Family.state.in_(OPEN_STATES))
)


def _load_actor() -> Actor:
    roles = frozenset(Role(role.name) for role in current_user.roles)
    rows = []
    if Role.PARENT in roles:
        rows = db.session.execute(_OWN_FILES, {"user_id": current_user.id, "today": clock.today()}).all()
    return Actor(
        label=f"user:{current_user.id}",
        user_id=current_user.id,
        roles=roles,
        family_ids=frozenset(row.family_id for row in rows),
        departed_ids=frozenset(row.family_id for row in rows if row.state is FamilyState.DEPARTED),
        guardian_ids=frozenset(row.id for row in rows),
        # Read with every request: a right withdrawn this minute is gone on the next page.
        limits={
            (family_id, right.child_id): rights_of(right) for _id, family_id, _state, right in rows if right
        },
    )


def _act_as_parent() -> None:
    """Let the agent of this session be, for this page, the parent of the family at the desk."""
    family = db.session.get(Family, session[ACTING])
    own = _load_actor()
    if family is None or family.state is not FamilyState.VALIDATED or not own.roles & DESK_ROLES:
        session.pop(ACTING)
        return
    adults = db.session.scalars(select(Guardian.id).where(Guardian.family_id == family.id))
    g.actor = Actor(
        label=f"{own.label} for family:{family.id}",
        user_id=own.user_id,
        roles=frozenset({Role.PARENT}),
        family_ids=frozenset({family.id}),
        guardian_ids=frozenset(adults),
        on_behalf_of_family_id=family.id,
    )
    stamp_session(db.session(), g.actor.label, clock.now())


def acting_family() -> Family | None:
    """Return the family for which this session acts at the desk; None otherwise."""
    if ACTING not in session or not current_user.is_authenticated:
        return None
    return db.session.get(Family, session[ACTING])


def _hidden() -> frozenset[int]:
    return hidden_children(current_actor(), current_family_id())


class HasId(Protocol):
    """Anything with a child's number."""

    @property
    def id(self) -> int:
        """The child's number."""


Row = TypeVar("Row", bound=HasId)


def visible_children(children: Iterable[Row]) -> list[Row]:
    """Leave out the children that this adult may not see, for want of parental authority."""
    hidden = _hidden() if current_actor().limits else frozenset()
    return [child for child in children if child.id not in hidden]


def may_see_child(child_id: int) -> bool:
    """Whether this adult has parental authority today over a child of the family looked at."""
    return not current_actor().limits or child_id not in _hidden()


def may_reserve_for(child_id: int) -> bool:
    """Whether this adult may book for a child of the family looked at."""
    return rights_over(current_actor(), current_family_id(), child_id).may_reserve


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
