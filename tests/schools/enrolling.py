"""A town that enrols: its map, an open campaign, and a family whose child may ask for a school."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.settings import Setting
from domain.actor import Actor, Role
from domain.calendar.operations import seed_school_year
from domain.family.operations import add_child
from domain.schools.candidates import Candidate, find_candidate
from domain.schools.requests import Draft, Wish, save_wish, submit_request, swear_domicile
from domain.schools.sector_rows import COLUMNS
from domain.schools.sectors import plan_sectors, replace_sectors
from gateways.imports.tables import read_table
from models.calendar import SchoolYear
from models.demarches import Demarche
from models.documents import Document, DocumentRequirement, DocumentState, DocumentType, StoredFile
from models.family import Child, Family
from models.schools import (
    EnrolmentCampaign,
    EnrolmentState,
    ExemptionMotive,
    Level,
    School,
    SchoolEnrolment,
    SchoolKind,
)
from tests.support.households import ACTOR, AUGUST, instant, make_family, make_setting

FILE = Path(__file__).parents[2] / "demo" / "data" / "secteurs.csv"
NOW = instant(date(2027, 3, 10), 11)
AGENT = Actor(label="user:900", user_id=900, roles=frozenset({Role.SCHOOL_AGENT}))
MOTIVE = "Frère ou sœur dans l’école"
JULES_FERRY, MARIE_CURIE = "Élémentaire Jules Ferry", "Élémentaire Marie Curie"
PREVERT, TILLEULS, VEIL = (
    "Maternelle Jacques Prévert",
    "Maternelle Les Tilleuls",
    "Groupe scolaire Simone Veil",
)


@dataclass
class Enrolling:
    """The town, and what the tests ask of it."""

    session: Session
    setting: Setting
    coming: SchoolYear
    family: Family
    child: Child
    number: int = field(default=0)

    @property
    def parent(self) -> Actor:
        """An adult of the family."""
        return Actor(
            label="user:1",
            user_id=None,
            roles=frozenset({Role.PARENT}),
            family_ids=frozenset({self.family.id}),
        )

    def school(self, name: str) -> School:
        """One of the town's schools."""
        return self.setting.schools[name]

    def add_child(self, name: str, born_on: date, family: Family | None = None) -> Child:
        """Another child."""
        return add_child(
            self.session,
            actor=ACTOR,
            now=AUGUST,
            family_id=(family or self.family).id,
            family_name="Martin",
            given_name=name,
            born_on=born_on,
        )

    def enrol(self, child: Child, school: str, level: Level, year: SchoolYear | None = None) -> None:
        """Enrol a child, as last year's act left it."""
        self.session.add(
            SchoolEnrolment(
                child_id=child.id,
                school_id=self.school(school).id,
                school_year_id=(year or self.setting.year).id,
                level=level,
                state=EnrolmentState.VALIDATED,
            )
        )
        self.session.flush()

    def candidate(
        self, child: Child | None = None, starts_in: int = 2027, now: datetime = NOW
    ) -> Candidate | None:
        """Where a child stands."""
        return find_candidate(
            self.session,
            family_id=self.family.id,
            child_id=(child or self.child).id,
            starts_in=starts_in,
            now=now,
        )

    def give_papers(self, child: Child | None = None) -> None:
        """Give whatever a school enrolment asks about the child, waiting for its check."""
        self.give("identity_child", child_id=(child or self.child).id)

    def give(self, code: str, **subject: int) -> Document:
        """Give a document of a kind."""
        self.number += 1
        file = StoredFile(
            key=f"paper-{self.number}",
            filename="piece.pdf",
            media_type="application/pdf",
            size=8,
            sha256="0" * 64,
        )
        kind = self.session.scalars(select(DocumentType).where(DocumentType.code == code)).one()
        self.session.add(file)
        self.session.flush()
        document = Document(
            document_type_id=kind.id,
            file_id=file.id,
            state=DocumentState.SUBMITTED,
            issued_on=NOW.date() - timedelta(days=5),
            given_by_family_id=self.family.id,
            **subject,
        )
        self.session.add(document)
        self.session.flush()
        return document

    def draft(self, wanted: str | None = None, child: Child | None = None) -> tuple[Candidate, Draft]:
        """Prepare a request: the wish, and the address on one's word."""
        candidate = self.candidate(child)
        assert candidate is not None
        wish = Wish(self.school(wanted).id, MOTIVE, "Sa sœur y est.") if wanted else Wish()
        draft = save_wish(
            self.session,
            actor=self.parent,
            now=NOW,
            family_id=self.family.id,
            candidate=candidate,
            wish=wish,
        )
        swear_domicile(
            self.session,
            actor=self.parent,
            family_id=self.family.id,
            demarche_id=draft.demarche_id,
            is_sworn=True,
        )
        return candidate, Draft(draft.demarche_id, wish, True)

    def ask(self, wanted: str | None = None, child: Child | None = None) -> Demarche:
        """Send a whole request."""
        self.give_papers(child)
        candidate, draft = self.draft(wanted, child)
        return submit_request(
            self.session,
            actor=self.parent,
            now=NOW,
            family_id=self.family.id,
            candidate=candidate,
            draft=draft,
        )


def make_enrolling(session: Session) -> Enrolling:
    """The town with maps for both years, a campaign open for the coming one, and Jade, born in 2024."""
    setting = make_setting(session)
    coming = seed_school_year(session, actor=ACTOR, now=AUGUST, first_year=2027, zone="B")
    table = read_table(FILE.read_bytes(), COLUMNS)
    for year in ("2026", "2027"):
        plan = plan_sectors(session, ((row.line, row.values | {"annee": year}) for row in table.rows))
        replace_sectors(session, actor=ACTOR, now=AUGUST, plan=plan)
    session.add(
        EnrolmentCampaign(
            school_year_id=coming.id,
            kind=SchoolKind.PRIMARY,
            opens_at=instant(date(2027, 2, 1), 8),
            closes_at=instant(date(2027, 5, 1), 0),
            text="Gardez le livret de famille à portée de main.",
        )
    )
    if session.scalar(select(ExemptionMotive.id)) is None:
        session.add(ExemptionMotive(name=MOTIVE))
    _ask_identity(session)
    family = make_family(session, "Martin", email="alice@example.com")
    session.flush()
    town = Enrolling(session, setting, coming, family, child=None)  # type: ignore[arg-type]
    town.child = town.add_child("Jade", date(2024, 2, 29))
    return town


def _ask_identity(session: Session) -> None:
    """Ask for what the law never allows too, to see that it is not shown."""
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "vaccination")).one()
    session.add(DocumentRequirement(act="school_enrolment", document_type_id=kind.id, is_blocking=True))
    session.flush()
