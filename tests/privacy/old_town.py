"""A town seen from far ahead: everything that may be kept too long is there, beside what must stay."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select

from domain.family.departure import depart_family
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from domain.payments.ledger import check_ledger
from domain.privacy.files import remove_doomed_files
from domain.privacy.purge import purge_batch, start_purge
from domain.regie.operations import close_cash_session, open_cash_session, take_payment
from models.accounts import User
from models.activities import ActivityKind
from models.attendance import Presence
from models.calendar import SchoolYear
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.documents import Document, DocumentState, DocumentType, StoredFile
from models.family import Family, FamilyState, Guardian, TrustedPerson
from models.health import HealthSheet, Pai
from models.imports import ImportKind, ImportRun
from models.invoices import Invoice
from models.messages import MailState, OutboxMail
from models.payments import PaymentMeans
from models.privacy import PurgeRun
from tests.support.households import ACTOR, AUGUST, Household, instant

NOVEMBER = date(2026, 11, 1)
ISSUED = instant(date(2026, 12, 5))


@dataclass
class Shelf:
    """A file store in memory: what it holds, and what it was asked to forget."""

    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, data: bytes, media_type: str) -> str:
        key = f"{len(self.files):032x}"
        self.files[key] = data
        return key

    def open(self, key: str) -> object:
        raise NotImplementedError

    def delete(self, key: str) -> None:
        self.files.pop(key, None)


def keep_file(house: Household, shelf: Shelf, name: str = "papier.pdf") -> StoredFile:
    data = name.encode()
    row = StoredFile(
        key=shelf.put(data, "application/pdf"),
        filename=name,
        media_type="application/pdf",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    house.session.add(row)
    house.session.flush()
    return row


def give_paper(
    house: Household, shelf: Shelf, code: str, *, state: DocumentState, valid_until: date, **subject: int
) -> Document:
    kind = house.session.scalars(select(DocumentType).where(DocumentType.code == code)).one()
    paper = Document(
        document_type_id=kind.id,
        file_id=keep_file(house, shelf).id,
        state=state,
        valid_until=valid_until,
        refusal_reason="Illisible" if state is DocumentState.REFUSED else "",
        reviewed_at=AUGUST,
        given_by_family_id=house.family.id,
        **subject,
    )
    house.session.add(paper)
    house.session.flush()
    return paper


def fill_town(house: Household, shelf: Shelf) -> None:
    """Put one of each thing that a purge looks at into the town, as of August 2026."""
    session = house.session
    year = session.scalars(
        select(SchoolYear)
        .where(SchoolYear.starts_on < date(2026, 11, 1))
        .order_by(SchoolYear.starts_on.desc())
    ).first()
    assert year is not None
    session.add(HealthSheet(child_id=house.elder.id, school_year_id=year.id, allergies="Arachide"))
    session.add(
        Pai(
            child_id=house.elder.id,
            instructions="Stylo",
            valid_from=date(2026, 9, 1),
            valid_to=date(2027, 3, 1),
        )
    )
    give_paper(
        house,
        shelf,
        "school_insurance",
        state=DocumentState.ACCEPTED,
        valid_until=date(2026, 8, 31),
        child_id=house.elder.id,
    )
    session.add(TrustedPerson(family_id=house.family.id, full_name="Mamie Rose"))
    draft = Family(name="Brouillon", state=FamilyState.DRAFT)
    refused = Family(name="Refusée", state=FamilyState.REFUSED)
    session.add_all([draft, refused])
    session.flush()
    session.add_all([Guardian(family_id=one.id, rank=1, family_name=one.name) for one in (draft, refused)])
    session.add(_request(refused.id, DemarcheKind.FAMILY_DECLARATION, "D1"))
    session.add(_request(house.family.id, DemarcheKind.ADDRESS_CHANGE, "D2"))
    session.add(User(email="jamais@courriels.example", fs_uniquifier="jamais"))
    session.add(
        OutboxMail(
            recipient="alice@foyer.example", kind="confirmation", subject="Bonjour", text_body="Bonjour",
            state=MailState.SENT, sent_at=AUGUST, next_try_at=AUGUST, family_id=house.family.id,
        )
    )  # fmt: skip
    session.add(
        ImportRun(
            kind=ImportKind.FAMILIES, filename="f.csv", sha256="0" * 64, file_id=keep_file(house, shelf).id
        )
    )
    session.flush()


def _request(family_id: int, kind: DemarcheKind, number: str) -> Demarche:
    return Demarche(
        number=number, kind=kind, state=DemarcheState.REFUSED, family_id=family_id, submitted_at=AUGUST,
        decided_at=AUGUST, reason="Incomplet",
    )  # fmt: skip


def bill(house: Household, shelf: Shelf, *, meals: int = 10) -> Invoice:
    """Book meals in November, issue the month, and keep the PDF of the invoice."""
    house.book(house.elder, ActivityKind.CANTEEN, NOVEMBER, meals)
    for day in house.days(ActivityKind.CANTEEN, NOVEMBER, meals):
        house.call(house.elder, day, Presence.PRESENT)
    session = house.session
    run = preview_run(session, actor=ACTOR, now=ISSUED, month=NOVEMBER)
    start_run(session, actor=ACTOR, now=ISSUED, run_id=run.id)
    while issue_next_families(session, actor=ACTOR, now=ISSUED, run_id=run.id, limit=100):
        session.flush()
    invoice = session.scalars(select(Invoice).where(Invoice.run_id == run.id)).one()
    invoice.file_id = keep_file(house, shelf, f"{invoice.number}.pdf").id
    session.flush()
    return invoice


def pay(house: Household, cents: int) -> None:
    """Take a sum at a desk, and close it."""
    session = house.session
    open_cash_session(session, actor=ACTOR, now=ISSUED, cashier_name="R. Régis", float_cents=0)
    take_payment(
        session, actor=ACTOR, now=ISSUED, family_id=house.family.id, means=PaymentMeans.CASH, amount_cents=cents,
        payer_name="Alice Martin",
    )  # fmt: skip
    close_cash_session(session, actor=ACTOR, now=ISSUED, pieces={1: cents}, note="")
    session.expire_all()


def leave(house: Household, day: date) -> None:
    """Let the family leave the town."""
    depart_family(
        house.session,
        actor=ACTOR,
        now=instant(day),
        family_id=house.family.id,
        left_on=day,
        reason="Déménagement",
    )


def purge(house: Household, shelf: Shelf, now: datetime) -> PurgeRun:
    """Purge to the end, batch by batch, as the worker does."""
    run = start_purge(house.session, actor=ACTOR, now=now)
    while purge_batch(house.session, now=now, run_id=run.id):
        remove_doomed_files(house.session, shelf)
    remove_doomed_files(house.session, shelf)
    house.session.expire_all()
    return run


def balances_hold(house: Household) -> bool:
    return check_ledger(house.session) == []


def years_later(years: int, days: int = 1) -> datetime:
    return instant(date(2026 + years, 12, 6)) + timedelta(days=days)
