"""A family's file goes: its people and papers are deleted; what the accounts still name stays, without a name.

A family that was never invoiced nor booked for disappears whole. Of any other the file keeps its code, so that its
invoices, payments and ledger still add up; its children keep a year of birth while a booking or a line names them.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from domain.merging.rows import table_of
from domain.privacy.files import doom_files
from domain.privacy.letters import erase_letters
from domain.privacy.rules import GONE, birth_year
from models import Base
from models.accounts import STAFF_ROLE_NAMES, Role, User, UserRole
from models.attendance import Attendance
from models.audit import AuditEntry
from models.corrections import Adjustment, QuotientRevision
from models.direct_debits import DirectDebit, SepaMandate
from models.documents import Document
from models.family import Child, ChildFamily, Diet, Family, FamilyState, Guardian, Sex
from models.invoices import CarriedItem, InvoiceItem, InvoiceLine
from models.messages import OutboxMail
from models.privacy import DataRequest
from models.quotients import QuotientFamilial
from models.reservations import LIVE_STATES, Reservation, WaitingEntry

# What an adjustment of the accounts leans on is dealt with by hand.
LEANED_ON = frozenset({"quotient_familial", "quotient_revision"})


def erase_families(session: Session, family_ids: Sequence[int], now: datetime) -> None:
    """Delete families, or what is personal in them when the accounts name them. Files go after the commit."""
    children = _own_children(session, family_ids)
    _accounts(session, family_ids, now)
    erase_letters(session, family_ids, now)
    erase_documents(session, _papers(session, family_ids, children), now)
    erase_mandates(session, select(SepaMandate.id).where(SepaMandate.family_id.in_(family_ids)), now)
    _drop(session, table_of(OutboxMail), OutboxMail.family_id.in_(family_ids))
    _drop(session, table_of(AuditEntry), AuditEntry.family_id.in_(family_ids))
    _drop(session, table_of(WaitingEntry), WaitingEntry.family_id.in_(family_ids))
    _drop(session, table_of(Reservation), and_(Reservation.family_id.in_(family_ids), _is_unused()))
    _erase_children(session, children)
    kept = _named_by_accounts(session, family_ids, table_of(Family))
    _drop(session, table_of(Family), Family.id.in_([one for one in family_ids if one not in kept]))
    _empty_shells(session, sorted(kept), now)
    session.expire_all()


def erase_documents(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Delete supporting documents with their files."""
    files = session.scalars(select(Document.file_id).where(Document.id.in_(ids))).all()
    _drop(session, table_of(Document), Document.id.in_(ids))
    shared = set(session.scalars(select(Document.file_id).where(Document.file_id.in_(files))))
    doom_files(session, [one for one in files if one not in shared], now)


def erase_mandates(session: Session, ids: object, now: datetime) -> None:
    """Delete mandates that never served; of the others, leave the reference that debits name."""
    rows = session.scalars(select(SepaMandate).where(SepaMandate.id.in_(ids))).all()  # type: ignore[arg-type]
    files = [row.file_id for row in rows]
    for row in rows:
        row.file_id, row.holder, row.iban, row.bic, row.revoked_reason = None, GONE, "", "", ""
        row.revoked_on = row.revoked_on or row.signed_on
    session.flush()
    served = exists().where(DirectDebit.mandate_id == SepaMandate.id)
    _drop(session, table_of(SepaMandate), and_(SepaMandate.id.in_([row.id for row in rows]), ~served))
    doom_files(session, files, now)


def erase_accounts(session: Session, user_ids: Sequence[int], now: datetime) -> None:
    """Delete accounts, with the archives that were made for them."""
    files = session.scalars(select(DataRequest.file_id).where(DataRequest.user_id.in_(user_ids))).all()
    _drop(session, table_of(DataRequest), DataRequest.user_id.in_(user_ids))
    _drop(session, table_of(User), User.id.in_(user_ids))
    doom_files(session, files, now)


def _accounts(session: Session, family_ids: Sequence[int], now: datetime) -> None:
    """Delete the accounts of adults of these families and of no other; staff keep theirs."""
    here = select(Guardian.user_id).where(Guardian.family_id.in_(family_ids), Guardian.user_id.is_not(None))
    elsewhere = exists().where(Guardian.user_id == User.id, Guardian.family_id.not_in(family_ids))
    is_staff = exists().where(
        UserRole.user_id == User.id, UserRole.role_id == Role.id, Role.name.in_(STAFF_ROLE_NAMES)
    )
    ids = session.scalars(select(User.id).where(User.id.in_(here), ~elsewhere, ~is_staff)).all()
    erase_accounts(session, ids, now)
    guardians = select(Guardian.id).where(Guardian.family_id.in_(family_ids))
    desk = DataRequest.guardian_id.in_(guardians)
    files = session.scalars(select(DataRequest.file_id).where(desk)).all()
    _drop(session, table_of(DataRequest), desk)
    doom_files(session, files, now)


def _own_children(session: Session, family_ids: Sequence[int]) -> Sequence[int]:
    """Return the children of these families and of no other."""
    here = select(ChildFamily.child_id).where(ChildFamily.family_id.in_(family_ids))
    elsewhere = select(ChildFamily.child_id).where(ChildFamily.family_id.not_in(family_ids))
    return session.scalars(select(Child.id).where(Child.id.in_(here), Child.id.not_in(elsewhere))).all()


def _papers(session: Session, family_ids: Sequence[int], children: Sequence[int]) -> Sequence[int]:
    guardians = select(Guardian.id).where(Guardian.family_id.in_(family_ids))
    return session.scalars(
        select(Document.id).where(
            or_(
                Document.family_id.in_(family_ids),
                Document.guardian_id.in_(guardians),
                Document.child_id.in_(children),
                Document.given_by_family_id.in_(family_ids),
            )
        )
    ).all()


def _is_unused() -> ColumnElement[bool]:
    """Whether a booking was given up and never billed: its place was given back already."""
    return and_(
        Reservation.state.not_in(LIVE_STATES),
        ~exists().where(InvoiceItem.reservation_id == Reservation.id),
        ~exists().where(CarriedItem.reservation_id == Reservation.id),
    )


def _erase_children(session: Session, children: Sequence[int]) -> None:
    kept = set()
    for column in (Reservation.child_id, Attendance.child_id, InvoiceLine.child_id):
        kept |= set(session.scalars(select(column).where(column.in_(children)).distinct()))
    _drop(session, table_of(Child), Child.id.in_([one for one in children if one not in kept]))
    for table in _hanging_on(table_of(Child)):
        _drop(session, table, table.c.child_id.in_(kept))
    for child in session.scalars(select(Child).where(Child.id.in_(kept))):
        child.family_name, child.given_name, child.search_text = GONE, "", ""
        child.sex, child.diet = Sex.UNKNOWN, Diet.STANDARD
        child.allows_photos = child.may_leave_alone = False
        child.born_on = birth_year(child.born_on)
    session.flush()


def _empty_shells(session: Session, family_ids: Sequence[int], now: datetime) -> None:
    """Take out of files all but what the accounts name."""
    for table in _hanging_on(table_of(Family)):
        if table.name not in LEANED_ON:
            for column in table.c:
                if any(key.column.table is table_of(Family) for key in column.foreign_keys):
                    _drop(session, table, column.in_(family_ids))
    leaned = select(Adjustment.revision_id)
    _drop(
        session,
        table_of(QuotientRevision),
        and_(QuotientRevision.family_id.in_(family_ids), QuotientRevision.id.not_in(leaned)),
    )
    revised = select(QuotientRevision.quotient_id)
    _drop(
        session,
        table_of(QuotientFamilial),
        and_(QuotientFamilial.family_id.in_(family_ids), QuotientFamilial.id.not_in(revised)),
    )
    session.execute(
        update(Family)
        .where(Family.id.in_(family_ids))
        .values(
            name=GONE,
            search_text="",
            notes="",
            former_code=None,
            departure_reason="",
            state=FamilyState.DEPARTED,
            pseudonymised_at=now,
        )
        .execution_options(synchronize_session=False)
    )


def _named_by_accounts(session: Session, ids: Sequence[int], table: Table) -> set[int]:
    """Return the rows that a table names without going away with them: accounts and bookings."""
    named: set[int] = set()
    for other in Base.metadata.sorted_tables:
        for column in other.c:
            if any(key.column.table is table and key.ondelete is None for key in column.foreign_keys):
                named |= set(session.scalars(select(column).where(column.in_(ids)).distinct()))
    return named


def _hanging_on(table: Table) -> list[Table]:
    """Return the tables whose rows go away with a row of this one, those that hang on others first."""
    return [
        other
        for other in reversed(Base.metadata.sorted_tables)
        if any(key.column.table is table and key.ondelete == "CASCADE" for key in other.foreign_keys)
    ]


def _drop(session: Session, table: Table, condition: ColumnElement[bool]) -> None:
    session.execute(delete(table).where(condition).execution_options(synchronize_session=False))
