"""A town with one of each thing that an address may name, and everybody who may knock: for the rights matrix."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts.sessions import begin_session
from domain.actor import Actor, Role
from domain.attendance.absences import report_absence
from domain.calendar.operations import seed_school_year
from domain.demarches.operations import NewAddress, report_address_change
from domain.family.declared_children import DeclaredChild, declare_child
from domain.family.declaring import Adult, Trusted, declare_self, declare_trusted
from domain.family.operations import add_guardian
from domain.install import ensure_roles
from domain.invoicing.contest import contest_line
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from domain.invoicing.printing import make_print_batch
from domain.payments.operations import open_try
from models.accounts import User, UserSession
from models.activities import ActivityKind
from models.documents import Document, DocumentState, DocumentType, StoredFile
from models.family import Guardian
from models.imports import ImportKind, ImportRun
from models.invoices import Invoice, InvoiceLine
from models.messages import OutboxMail
from models.payments import Alert, BankNotification, NotificationVerdict
from models.reservations import Reservation, ReservationState, WaitingEntry, WaitingState
from models.schools import EnrolmentCampaign, SchoolKind
from tests.direct_debits.world import send_one_debit
from tests.documents.papers import pdf
from tests.family.declared import declare
from tests.jobs.world import ended_work
from tests.privacy.world import hold_data
from tests.recovery.world import reminded_and_handed_over
from tests.regie.world import keep_note, take_at_desk
from tests.schools.enrolling import Enrolling
from tests.simulations.world import prepare_tariff
from tests.statements.world import issue_statements
from tests.support.households import ACTOR, AUGUST, Household, instant, make_family, make_household
from tests.support.people import make_staff
from tests.support.registering import ask_for_study
from tests.wishes.world import open_wish_round
from views.files import file_store

TODAY = date(2026, 11, 23)
NOW = instant(TODAY, 11)
NOVEMBER = date(2026, 11, 1)
IMPORT_FILE = Path(__file__).parents[2] / "demo" / "data" / "familles.csv"
SECTOR_FILE = IMPORT_FILE.with_name("secteurs.csv")
PARENTS = ("owner", "other parent", "stranger")


@dataclass
class World:
    """The portal, its people by name, and the number of each thing; all of it is the owner's family's."""

    app: Flask
    people: dict[str, User] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # of each one's browser
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def _path(self) -> Path:
        return Path(self.app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))

    @property
    def _copy(self) -> Path:
        return self._path.with_suffix(".kept")

    def keep(self) -> None:
        """Remember the database as it is now."""
        _copy_database(self._path, self._copy)

    def restore(self) -> None:
        """Forget everything that was done since ``keep``."""
        _copy_database(self._copy, self._path)


def _copy_database(source: Path, target: Path) -> None:
    """Copy by SQLite itself, which knows what its write-ahead log still holds."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


def build_world(app: Flask, session: Session) -> World:
    """Build everything, and return it; ``keep`` it once the session's engine is closed."""
    world = World(app)
    with app.app_context():
        house = make_household(session)
        _people(world, session, house)
        _bookings(world, house)
        world.ids |= open_wish_round(house, NOW)
        _papers(world, house)
        _declaration(world, session)
        _sent_declaration(world, session)
        _school(world, house)
        _money(world, house)
        world.ids |= hold_data(session, world.people["owner"], world.ids, _file)
        world.ids |= issue_statements(house, NOW, lambda: _file(session, b"%PDF-1.4", "application/pdf").id)
        world.ids |= prepare_tariff(house, NOW)
        world.ids |= ended_work(session, NOW, _file)
        session.commit()
    return world


def _people(world: World, session: Session, house: Household) -> None:
    bob = add_guardian(
        session, actor=ACTOR, now=AUGUST, family_id=house.family.id, family_name="Martin", given_name="Bob"
    )
    roux = make_family(session, "Roux")
    alice, charlie = (
        session.scalars(select(Guardian).where(Guardian.family_id == one, Guardian.rank == 1)).one()
        for one in (house.family.id, roux.id)
    )
    for name, guardian in zip(PARENTS, (alice, bob, charlie), strict=True):
        world.people[name] = _parent(
            session, f"{guardian.given_name.lower()}{guardian.id}@foyer.example", guardian
        )
    for role in Role:
        if role is not Role.PARENT:
            world.people[role.value] = make_staff(session, f"{role.value}@mairie.example", role)
    world.ids |= {"family": house.family.id, "guardian": alice.id, "child": house.elder.id}
    mail = OutboxMail(
        recipient="a@foyer.example",
        kind="confirmation",
        subject="Bonjour",
        text_body="Bonjour",
        family_id=house.family.id,
        next_try_at=NOW,
    )
    session.add(mail)
    session.flush()
    world.ids["mail"] = mail.id
    for name, person in world.people.items():
        world.keys[name] = begin_session(session, now=NOW, user_id=person.id, ip="", browser="")
    owner = select(UserSession.id).where(UserSession.user_id == world.people["owner"].id)
    world.ids["session"] = session.scalars(owner).one()


def _parent(session: Session, email: str, guardian: Guardian) -> User:
    user = User(
        email=email,
        display_name=guardian.full_name,
        fs_uniquifier=f"mark-of-{email}",
        confirmed_at=AUGUST,
        roles=[ensure_roles(session)["parent"]],
    )
    session.add(user)
    session.flush()
    guardian.user_id, guardian.email = user.id, email
    return user


def _bookings(world: World, house: Household) -> None:
    """Book meals, justify an absence, and offer a freed place."""
    days = house.days(ActivityKind.CANTEEN, NOVEMBER, 8)
    house.book(house.elder, ActivityKind.CANTEEN, NOVEMBER, 8)
    world.ids |= {
        "activity_day": days[-1].id,
        "site": house.activity(ActivityKind.CANTEEN).site_id,
        "absence": report_absence(
            house.session,
            actor=ACTOR,
            now=NOW,
            child_id=house.elder.id,
            family_id=house.family.id,
            starts_on=days[-2].day,
            ends_on=days[-2].day,
            document_id=_document(
                house.session, "absence_certificate", house.family.id, child_id=house.elder.id
            ).id,
        ).id,
        "entry": _offered_place(house),
    }


def _offered_place(house: Household) -> int:
    day = house.days(ActivityKind.SUPERVISED_STUDY, date(2026, 12, 1), 1)[0]
    place = Reservation(
        child_id=house.elder.id,
        family_id=house.family.id,
        activity_day_id=day.id,
        activity_id=day.activity_id,
        day=day.day,
        state=ReservationState.OFFERED,
        booked_at=NOW,
    )
    house.session.add(place)
    day.taken += 1
    house.session.flush()
    entry = WaitingEntry(
        child_id=house.elder.id,
        family_id=house.family.id,
        activity_day_id=day.id,
        state=WaitingState.OFFERED,
        offer_expires_at=NOW + timedelta(days=2),
        reservation_id=place.id,
    )
    house.session.add(entry)
    house.session.flush()
    return entry.id


def _document(session: Session, code: str, giver: int, **subject: int) -> Document:
    """Keep a file as a document of a family, an adult or a child; it waits to be checked."""
    kind = session.scalars(select(DocumentType).where(DocumentType.code == code)).one()
    document = Document(
        document_type_id=kind.id,
        file_id=_file(session, pdf(), "application/pdf").id,
        state=DocumentState.SUBMITTED,
        issued_on=TODAY,
        given_by_family_id=giver,
        **subject,
    )
    session.add(document)
    session.flush()
    return document


def _papers(world: World, house: Household) -> None:
    """Keep a proof of address, with the move that it proves, and an import's file."""
    document = _document(house.session, "proof_of_address", house.family.id, family_id=house.family.id)
    run = _import_run(house.session, ImportKind.FAMILIES, IMPORT_FILE)
    sectors = _import_run(house.session, ImportKind.SECTORS, SECTOR_FILE)
    change = report_address_change(
        house.session,
        actor=ACTOR,
        now=NOW,
        family_id=house.family.id,
        address=NewAddress(line1="3 place du Marché", line2="", postcode="45000", city="Orléans"),
        effective_on=TODAY + timedelta(days=20),
        proof_id=document.id,
    )
    world.ids |= {"document": document.id, "import_run": run, "demarche": change.demarche_id}
    world.ids["sector_run"] = sectors
    world.ids["registration"] = ask_for_study(house)
    insurance = _document(house.session, "school_insurance", house.family.id, child_id=house.younger.id)
    world.ids["registration_paper"] = insurance.id


def _declaration(world: World, session: Session) -> None:
    """Let the two adults declare a further family, with a child and a trusted person; it is not sent."""
    first, second = (world.people[name] for name in PARENTS[:2])
    actor = Actor(label=f"user:{first.id}", user_id=first.id, roles=frozenset({Role.PARENT}))
    address = NewAddress("3 place du Marché", "", "45110", "Saint-Préau")
    draft = declare_self(session, actor=actor, now=NOW, adult=Adult("Martin", "Alice"), address=address)
    session.add(Guardian(family_id=draft.family_id, user_id=second.id, rank=2, family_name="Martin"))
    child = DeclaredChild("Martin", date(2020, 2, 29), "Zoé")
    granny = Trusted("Maïté d’Arc", "", "", may_pick_up=True, is_emergency_contact=False)
    world.ids["declared_child"] = declare_child(session, actor=actor, now=NOW, child=child).id
    world.ids["trusted"] = declare_trusted(session, actor=actor, now=NOW, person=granny).id


def _sent_declaration(world: World, session: Session) -> None:
    """Leave the declaration of a new family, with its proof of address, to the service."""
    declared = declare(session)
    proof = _document(session, "proof_of_address", declared.family.id, family_id=declared.family.id)
    world.ids |= {"declaration": declared.demarche.id, "declared_document": proof.id}


def _import_run(session: Session, kind: ImportKind, path: Path) -> int:
    table = _file(session, path.read_bytes(), "text/csv")
    run = ImportRun(kind=kind, filename=path.name, sha256=table.sha256, file_id=table.id)
    session.add(run)
    session.flush()
    return run.id


def _file(session: Session, data: bytes, media_type: str) -> StoredFile:
    row = StoredFile(
        key=file_store().put(data, media_type),
        filename="fichier",
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    session.add(row)
    session.flush()
    return row


def _school(world: World, house: Household) -> None:
    """Ask a school for a small sister, for the coming year."""
    session = house.session
    coming = seed_school_year(session, actor=ACTOR, now=AUGUST, first_year=2027, zone="B")
    session.add(
        EnrolmentCampaign(
            school_year_id=coming.id,
            kind=SchoolKind.PRIMARY,
            opens_at=instant(date(2027, 2, 1), 8),
            closes_at=instant(date(2027, 5, 1), 8),
        )
    )
    town = Enrolling(session, house.setting, coming, house.family, house.elder)
    town.child = town.add_child("Jade", date(2024, 2, 29))
    asked = town.ask()
    paper = session.scalars(select(Document).where(Document.child_id == town.child.id)).one()
    paper.file_id = _file(session, b"%PDF-1.4", "application/pdf").id
    world.ids |= {"school_request": asked.id, "school_paper": paper.id}


def _money(world: World, house: Household) -> None:
    """Issue October, print it, and begin to pay it by card; leave November prepared."""
    session = house.session
    house.book(house.elder, ActivityKind.CANTEEN, date(2026, 10, 1), 8)
    run = _issue(session, date(2026, 10, 1))
    batch = make_print_batch(session, actor=ACTOR, now=NOW)
    assert batch is not None
    batch.file_id = _file(session, b"%PDF-1.4", "application/pdf").id
    invoice = session.scalars(select(Invoice).where(Invoice.run_id == run)).one()
    tried = open_try(session, actor=ACTOR, now=NOW, family_id=house.family.id, invoice_ids=[invoice.id])
    take_at_desk(world.ids, house, NOW)
    world.ids |= send_one_debit(house, NOW, _file)
    world.ids |= reminded_and_handed_over(session, invoice, NOW, _file)
    world.ids["note"] = keep_note(session, invoice, NOW)
    notification = BankNotification(
        received_at=NOW, raw="", verdict=NotificationVerdict.QUARANTINED, alert=Alert.OTHER_AMOUNT
    )
    session.add(notification)
    session.flush()
    line_id = session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id)).first()
    assert line_id is not None
    contest = contest_line(session, actor=ACTOR, now=NOW, line_id=line_id, message="Léo était absent.")
    november = preview_run(session, actor=ACTOR, now=_later(TODAY), month=NOVEMBER)
    world.ids |= {
        "run": november.id,
        "batch": batch.id,
        "invoice": invoice.id,
        "line": line_id,
        "contest": contest.id,
        "reference": tried.reference,
        "notification": notification.id,
        "activity": house.activity(ActivityKind.CANTEEN).id,
    }


def _issue(session: Session, month: date) -> int:
    run = preview_run(session, actor=ACTOR, now=NOW, month=month)
    start_run(session, actor=ACTOR, now=NOW, run_id=run.id)
    while issue_next_families(session, actor=ACTOR, now=NOW, run_id=run.id, limit=100):
        session.flush()
    return run.id


def _later(day: date) -> datetime:
    """Return an instant after the month's end: a month is prepared once it is over."""
    return instant(day + timedelta(days=12))
