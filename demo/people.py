"""The people of the demonstration, and how to sign in as each."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.accounts import User

DEMO_PASSWORD = "Saint-Preau-2026"  # noqa: S105 - printed by `make run`; production refuses to start with it
DEMO_DOMAIN = "saint-preau.example"


@dataclass(frozen=True)
class Staff:
    """A member of the town's staff."""

    email: str
    name: str
    role: str
    about: str


STAFF = (
    Staff(f"admin@{DEMO_DOMAIN}", "Anne Administratrice", "administrator", "administratrice"),
    Staff(f"agent@{DEMO_DOMAIN}", "Samira Benali", "school_agent", "agent du service scolaire"),
    Staff(f"regisseur@{DEMO_DOMAIN}", "Paul Lemaire", "regisseur", "régisseur"),
    Staff(f"animatrice@{DEMO_DOMAIN}", "Lucie Garnier", "activity_leader", "animatrice"),
)


@dataclass(frozen=True)
class DemoAccount:
    """A line of what `make run` prints."""

    sign_in: str
    about: str


PARENTS = ("alice", "bob", "chloe", "david", "charlie")
NEWCOMER = "emma"  # her family is not validated yet
ABOUT_PARENTS = {
    "alice": "Alice Martin, mère de Léo et Jade",
    "bob": "Bob Martin, père, même famille qu’Alice",
    "chloe": "Chloé Petit, séparée, Zoé une semaine sur deux",
    "david": "David Moreau, séparé, Zoé l’autre semaine",
    NEWCOMER: "Emma Laurent, nouvelle venue, déclaration commencée",
    "charlie": "Charlie Roux, une autre famille ; Rose entre à l’école à la rentrée",
}


def parent_email(name: str) -> str:
    """Return the e-mail of a parent of the demonstration."""
    return f"{name}@{DEMO_DOMAIN}"


def demo_accounts(session: Session) -> list[DemoAccount]:
    """Return how to sign in as each person; Alice signs in with her code famille too."""
    found = [DemoAccount(person.email, person.about) for person in STAFF]
    for name in (*PARENTS, NEWCOMER):
        email = parent_email(name)
        user = session.query(User).filter_by(email=email).one_or_none()
        if user is not None:
            code = f" (ou code famille {user.username[:4]} {user.username[4:]})" if user.username else ""
            found.append(DemoAccount(email, ABOUT_PARENTS[name] + code))
    return found
