"""A small town with a family of two adults, a stranger, and an agent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import actor as actors
from domain.actor import Actor
from domain.family.rules import make_family_code
from models.accounts import Role, User, UserRole
from models.documents import DocumentSubject, DocumentType
from models.family import Family, FamilyAddress, FamilyState, Guardian
from models.messages import OutboxMail
from models.town import Town

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "Un-Mot-De-Passe-2026"
SYSTEM = actors.system("test")


@dataclass
class Home:
    """A family and its first adult."""

    family: Family
    guardian: Guardian


def make_town(session: Session) -> Town:
    """Return the town of Saint-Préau, with every role and the proof of address."""
    town = Town(
        id=1,
        name="Saint-Préau",
        insee_code="45999",
        postcode="45110",
        phone="+33238000000",
        email="scolaire@saint-preau.example",
    )
    session.add(town)
    session.add_all(Role(name=role.value) for role in actors.Role)
    session.add(
        DocumentType(code="proof_of_address", name="Justificatif de domicile", subject=DocumentSubject.FAMILY)
    )
    session.flush()
    return town


def make_family(
    session: Session, number: int = 1, name: str = "Martin", given: str = "Alice", email: str = ""
) -> Home:
    """Return a validated family at 12 rue des Écoles, with one adult and no account."""
    family = Family(code=make_family_code(number), name=name, state=FamilyState.VALIDATED)
    session.add(family)
    session.flush()
    session.add(
        FamilyAddress(
            family_id=family.id,
            line1="12 rue des Écoles",
            postcode="45110",
            city="Saint-Préau",
            valid_from=date(2020, 9, 1),
        )
    )
    guardian = add_adult(session, family, given, name, rank=1, email=email)
    return Home(family, guardian)


def add_adult(
    session: Session, family: Family, given: str, name: str, rank: int = 2, email: str = ""
) -> Guardian:
    """Return another adult of a family."""
    guardian = Guardian(family_id=family.id, rank=rank, given_name=given, family_name=name, email=email)
    session.add(guardian)
    session.flush()
    return guardian


def make_user(
    session: Session,
    email: str,
    *,
    role: str | None = "parent",
    guardian: Guardian | None = None,
    username: str | None = None,
    password_hash: str = "",
    is_confirmed: bool = True,
) -> User:
    """Return an account, attached to an adult if one is given."""
    user = User(
        email=email,
        username=username,
        display_name=guardian.full_name if guardian else email,
        fs_uniquifier=f"mark-of-{email}",
        password=password_hash or None,
        confirmed_at=NOW if is_confirmed else None,
    )
    session.add(user)
    session.flush()
    if role is not None:
        role_id = session.scalars(select(Role.id).where(Role.name == role)).one()
        session.add(UserRole(user_id=user.id, role_id=role_id))
    if guardian is not None:
        guardian.user_id, guardian.email = user.id, email
    session.flush()
    return user


def hashed(app: object, password: str = PASSWORD) -> str:
    """Return a password's hash, as the portal makes it."""
    with app.app_context():  # type: ignore[attr-defined]
        result: str = hash_password(password)
        return result


def parent_actor(user: User, guardian: Guardian) -> Actor:
    """Return the actor that a signed-in parent is."""
    return Actor(
        label=f"user:{user.id}",
        user_id=user.id,
        roles=frozenset({actors.Role.PARENT}),
        family_ids=frozenset({guardian.family_id}),
        guardian_ids=frozenset({guardian.id}),
    )


def mails(session: Session, kind: str | None = None) -> list[OutboxMail]:
    """Return what waits in the outbox, in order, of one kind if asked."""
    rows = select(OutboxMail).order_by(OutboxMail.id)
    if kind:
        rows = rows.where(OutboxMail.kind == kind)
    session.expire_all()
    return list(session.scalars(rows))


def link_in(mail: OutboxMail) -> str:
    """Return the path of the link that a mail asks to open."""
    address = next(word for word in mail.text_body.split() if word.startswith("http"))
    return "/" + address.split("://", 1)[1].split("/", 1)[1]
