"""Families that have just arrived: one that has begun its declaration, and some whose file waits for the service."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from demo.desk import give_document
from demo.families import Builder
from demo.people import parent_email
from domain.actor import Actor, Role
from domain.demarches.operations import NewAddress
from domain.family.accounts import give_parent_role
from domain.family.declaration import submit_declaration
from domain.family.declared_children import Care, DeclaredChild, declare_care, declare_child
from domain.family.declaring import (
    Adult,
    Situation,
    Trusted,
    declare_other_parent,
    declare_self,
    declare_trusted,
    settle_trusted,
)
from domain.family.signup import Identity, sign_up
from models.documents import DocumentType


@dataclass(frozen=True)
class Newcomer:
    """A family that arrives.

    Args:
        sent_days_ago: None while the declaration is not sent.
    """

    key: str
    given_name: str
    family_name: str
    phone: str
    street: str
    child: str
    born_on: date
    level: str
    sent_days_ago: int | None = None
    gives_proof: bool = False


NEWCOMERS = (
    Newcomer(
        "emma", "Emma", "Laurent", "+33612345601", "9 Rue des Tilleuls", "Gabin", date(2020, 9, 17), "CP"
    ),
    Newcomer(
        "ines",
        "Inès",
        "Haddad",
        "+33612345602",
        "2 Quai de Loire",
        "Sami",
        date(2019, 1, 30),
        "CE1",
        6,
        gives_proof=True,
    ),
    Newcomer(
        "awa",
        "Awa",
        "Diallo",
        "+33612345603",
        "31 Rue des Écoles",
        "Fanta",
        date(2022, 4, 8),
        "MS",
        3,
        gives_proof=True,
    ),
    Newcomer(
        "hugo",
        "Hugo",
        "D’Almeida-Roche",
        "+33612345604",
        "5 Place de l’Église",
        "Élise",
        date(2024, 2, 29),
        "none",
        1,
    ),
)


def welcome(builder: Builder, now: datetime) -> None:
    """Let the newcomers open their accounts and declare their families."""
    for newcomer in NEWCOMERS:
        _declare(builder, newcomer, now)


def _declare(builder: Builder, one: Newcomer, now: datetime) -> None:
    session = builder.session
    began = now - timedelta(days=one.sent_days_ago or 0, hours=1)
    signed = sign_up(
        session,
        now=began,
        email=parent_email(one.key),
        password_hash=builder.password_hash,
        identity=Identity(one.family_name, one.given_name, one.phone),
    )
    if signed.user is None:  # the older tool's file knows this address
        return
    signed.user.confirmed_at = began
    give_parent_role(session, signed.user)
    actor = Actor(f"user:{signed.user.id}", signed.user.id, frozenset({Role.PARENT}))
    demarche = declare_self(
        session,
        actor=actor,
        now=began,
        adult=Adult(one.family_name, one.given_name, "", one.phone),
        address=NewAddress(line1=one.street, line2="", postcode="45110", city="Saint-Préau"),
    )
    child = declare_child(
        session,
        actor=actor,
        now=began,
        child=DeclaredChild(one.family_name, one.born_on, one.child),
    )
    if one.sent_days_ago is None or demarche.family_id is None:
        return
    declare_other_parent(session, actor=actor, now=began, situation=Situation.NONE)
    declare_care(session, actor=actor, now=began, child_id=child.id, care=_care(one.level))
    grandmother = Trusted(f"Rosa {one.family_name}", "grand-mère", "+33238445566", True, True)
    declare_trusted(session, actor=actor, now=began, person=grandmother)
    settle_trusted(session, actor=actor, now=began)
    if one.gives_proof:
        proof = session.scalars(select(DocumentType).where(DocumentType.code == "proof_of_address")).one()
        give_document(builder, proof, began, family_id=demarche.family_id, is_waiting=True)
    submit_declaration(session, actor=actor, now=began + timedelta(hours=1))


def _care(level: str) -> Care:
    return Care(
        level=level,
        diet="standard",
        allergies="",
        care_notes="",
        doctor="",
        vaccines_up_to_date=True,
        has_pai=False,
        allows_photos=True,
        may_leave_alone=False,
    )
