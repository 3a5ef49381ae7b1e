"""Saint-Préau's families: those of the older tool's file, generated ones, and the people of the demonstration."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.people import STAFF, parent_email
from demo.settings import Setting
from domain.actor import Actor
from domain.family.import_rules import COLUMNS
from domain.family.importing import apply_import, plan_import
from domain.family.operations import add_child, add_guardian, create_family
from domain.family.quotients import record_quotient
from domain.install import ensure_roles
from domain.schools.rules import level_for
from gateways.imports.tables import read_table
from models.accounts import Role, User
from models.custody import CustodyArrangement, CustodyPattern
from models.family import Child, ChildFamily, Family, Guardian, TrustedPerson
from models.quotients import QuotientSource
from models.schools import EnrolmentState, Level, SchoolEnrolment, SchoolKind

DATA = Path(__file__).parent / "data"
STREETS = (
    "Rue des Écoles", "Avenue Jean Jaurès", "Rue de la Libération", "Place de l’Église", "Chemin des Prés",
    "Boulevard Victor Hugo", "Allée des Tilleuls", "Rue du 11 Novembre 1918", "Impasse Saint-Éloi", "Quai de Loire",
    "Rue Sainte-Anne",
)  # fmt: skip
SURNAMES = (
    "Martin", "Bernard", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent", "Simon", "Michel", "Lefebvre",
    "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard", "Bonnet", "Dupont", "Lambert", "Fontaine",
    "Rousseau", "Vincent", "Muller", "Lefèvre", "Faure", "André", "Mercier", "Blanc", "Guérin", "Boyer", "Garnier",
    "Chevalier", "François", "Legrand", "Gauthier", "Garcia", "Perrin", "Nguyễn", "Da Silva", "Benali", "Diallo",
    "Traoré", "Kowalski", "Le Goff", "d’Éon", "N’Diaye", "O’Connor", "Haddad",
)  # fmt: skip
MOTHERS = (
    "Camille",
    "Léa",
    "Manon",
    "Sarah",
    "Inès",
    "Julie",
    "Marie",
    "Fatou",
    "Élodie",
    "Amélie",
    "Nadia",
    "Claire",
)
FATHERS = (
    "Thomas",
    "Nicolas",
    "Julien",
    "Karim",
    "Antoine",
    "Mathieu",
    "Pierre",
    "Mamadou",
    "David",
    "Yann",
    "Hugo",
)
GIRLS = (
    "Jade",
    "Louise",
    "Emma",
    "Alice",
    "Chloé",
    "Lina",
    "Mila",
    "Léna",
    "Rose",
    "Anna",
    "Inaya",
    "Zoé",
    "Noémie",
)
BOYS = (
    "Gabriel",
    "Léo",
    "Raphaël",
    "Louis",
    "Arthur",
    "Jules",
    "Adam",
    "Noé",
    "Maël",
    "Ibrahim",
    "Sacha",
    "Théo",
)


@dataclass(frozen=True)
class Builder:
    """What each chapter of the town needs: who writes, when, and the dice."""

    session: Session
    actor: Actor
    now: datetime
    dice: random.Random
    setting: Setting
    password_hash: str
    # The children of the people that sign in: they use everything, so that no page of theirs is empty.
    eager: set[int] = field(default_factory=set)
    persona_families: set[int] = field(default_factory=set)
    # Of these, who forgets to pay the first month.
    forgetful: list[int] = field(default_factory=list)


def build_staff(builder: Builder) -> None:
    """Write the roles and the town's staff, each with the demonstration's password."""
    session = builder.session
    held = ensure_roles(session)
    for person in STAFF:
        session.add(_account(builder, person.email, person.name, held[person.role]))
    session.flush()


def _account(builder: Builder, email: str, name: str, role: Role) -> User:
    return User(
        email=email,
        display_name=name,
        password=builder.password_hash,
        active=True,
        fs_uniquifier=f"{builder.dice.getrandbits(256):064x}",
        confirmed_at=builder.now,
        roles=[role],
    )


def import_older_file(builder: Builder) -> int:
    """Import the older tool's export; return how many families it gave."""
    table = read_table((DATA / "familles.csv").read_bytes(), COLUMNS)
    rows = ((row.line, row.values) for row in table.rows)
    plan = plan_import(builder.session, rows, today=builder.now.date())
    return apply_import(builder.session, actor=builder.actor, now=builder.now, plan=plan).families


def generate_families(builder: Builder, count: int) -> None:
    """Write imaginary families until there are ``count`` more."""
    for number in range(count):
        _generate(builder, number)


def _generate(builder: Builder, number: int) -> None:
    dice = builder.dice
    name = dice.choice(SURNAMES)
    family = create_family(
        builder.session,
        actor=builder.actor,
        now=builder.now,
        name=name,
        line1=f"{dice.randint(1, 60)} {dice.choice(STREETS)}",
        postcode="45110",
        city="Saint-Préau",
        wants_e_invoice=dice.random() < 0.55,
    )
    mother = dice.choice(MOTHERS)
    _adult(builder, family, "mme", name, mother, f"famille{number}@courriel.example")
    if dice.random() < 0.8:
        _adult(
            builder,
            family,
            "m",
            name if dice.random() < 0.7 else dice.choice(SURNAMES),
            dice.choice(FATHERS),
            "",
        )
    for _ in range(dice.choices((1, 2, 3, 4), (35, 45, 16, 4))[0]):
        is_girl = dice.random() < 0.5
        born_on = date(dice.randint(2016, 2023), dice.randint(1, 12), dice.randint(1, 28))
        _child(
            builder, family, name, dice.choice(GIRLS if is_girl else BOYS), "F" if is_girl else "M", born_on
        )
    if dice.random() < 0.85:
        _quotient(builder, family, dice.randint(250, 2200) * 100)


def _adult(builder: Builder, family: Family, civility: str, name: str, given: str, email: str) -> Guardian:
    return add_guardian(
        builder.session,
        actor=builder.actor,
        now=builder.now,
        family_id=family.id,
        civility=civility,
        family_name=name,
        given_name=given,
        email=email,
        phone=f"+336{builder.dice.randint(10_000_000, 99_999_999)}",
    )


def _child(builder: Builder, family: Family, name: str, given: str, sex: str, born_on: date) -> Child:
    return add_child(
        builder.session,
        actor=builder.actor,
        now=builder.now,
        family_id=family.id,
        family_name=name,
        given_name=given,
        sex=sex,
        born_on=born_on,
    )


def _quotient(builder: Builder, family: Family, cents: int) -> None:
    record_quotient(
        builder.session,
        actor=builder.actor,
        now=builder.now,
        family_id=family.id,
        value_cents=cents,
        source=QuotientSource.CAF,
        reference_month=date(2026, 8, 1),
        valid_from=date(2026, 9, 1),
    )


def enrol_children(builder: Builder) -> None:
    """Enrol every child of school age that has no school yet, in a school that teaches its level."""
    session, setting = builder.session, builder.setting
    enrolled = set(session.scalars(select(SchoolEnrolment.child_id)))
    for child in session.scalars(select(Child).order_by(Child.id)):
        level = level_for(child.born_on, setting.year.starts_on.year)
        if child.id in enrolled or level is None:
            continue
        kind = SchoolKind.NURSERY if level.value in ("PS", "MS", "GS") else SchoolKind.ELEMENTARY
        schools = [school for school in setting.schools.values() if school.kind in (kind, SchoolKind.PRIMARY)]
        session.add(
            SchoolEnrolment(
                child_id=child.id,
                school_id=builder.dice.choice(schools).id,
                school_year_id=setting.year.id,
                level=Level(level.value),
                state=EnrolmentState.VALIDATED,
                decided_at=builder.now,
            )
        )
    session.flush()


def build_personas(builder: Builder) -> None:
    """Write Alice and Bob, Chloé and David who live apart, and Charlie, a stranger to them all."""
    parent = builder.session.scalars(select(Role).where(Role.name == "parent")).one()
    martin = _persona_family(builder, "Martin", "14 Rue des Écoles", wants_e_invoice=True)
    alice = _adult(builder, martin, "mme", "Martin", "Alice", parent_email("alice"))
    bob = _adult(builder, martin, "m", "Martin", "Bob", parent_email("bob"))
    leo = _child(builder, martin, "Martin", "Léo", "M", date(2019, 3, 14))
    jade = _child(builder, martin, "Martin", "Jade", "F", date(2022, 6, 2))
    _quotient(builder, martin, 85_000)
    builder.session.add(
        TrustedPerson(
            family_id=martin.id, full_name="Monique Martin", relation="grand-mère", phone="+33238111213"
        )
    )
    petit = _persona_family(builder, "Petit", "3 Quai de Loire", wants_e_invoice=True)
    chloe = _adult(builder, petit, "mme", "Petit", "Chloé", parent_email("chloe"))
    zoe = _child(builder, petit, "Moreau", "Zoé", "F", date(2018, 11, 11))
    _quotient(builder, petit, 62_000)
    moreau = _persona_family(builder, "Moreau", "7 Avenue Jean Jaurès", wants_e_invoice=False)
    david = _adult(builder, moreau, "m", "Moreau", "David", parent_email("david"))
    _quotient(builder, moreau, 140_000)
    _share(builder, zoe, petit, moreau)
    roux = _persona_family(builder, "Roux", "21 Boulevard Victor Hugo", wants_e_invoice=False)
    charlie = _adult(builder, roux, "m", "Roux", "Charlie", parent_email("charlie"))
    noe = _child(builder, roux, "Roux", "Noé", "M", date(2020, 2, 29))
    _child(builder, roux, "Roux", "Rose", "F", date(2024, 5, 12))
    builder.persona_families.update(family.id for family in (martin, petit, moreau, roux))
    builder.forgetful.extend((moreau.id, roux.id))
    builder.eager.update(child.id for child in (leo, jade, zoe, noe))
    for adult in (alice, bob, chloe, david, charlie):
        user = _account(builder, adult.email, adult.full_name, parent)
        builder.session.add(user)
        builder.session.flush()
        adult.user_id = user.id
        if adult is not bob:
            user.username = builder.session.get_one(Family, adult.family_id).code
    builder.session.flush()


def _persona_family(builder: Builder, name: str, line1: str, *, wants_e_invoice: bool) -> Family:
    return create_family(
        builder.session,
        actor=builder.actor,
        now=builder.now,
        name=name,
        line1=line1,
        postcode="45110",
        city="Saint-Préau",
        wants_e_invoice=wants_e_invoice,
    )


def _share(builder: Builder, child: Child, one: Family, other: Family) -> None:
    """Put a child in a second family, in alternate weeks."""
    start = builder.setting.year.starts_on
    builder.session.add(ChildFamily(child_id=child.id, family_id=other.id, valid_from=start))
    builder.session.add(
        CustodyArrangement(
            child_id=child.id,
            family_id=one.id,
            other_family_id=other.id,
            pattern=CustodyPattern.EVEN_WEEKS,
            valid_from=start,
        )
    )
    builder.session.flush()
