"""What the portal holds about a person: every table, or the reason why it holds nothing.

``HOLDINGS`` and ``WITHOUT`` name each table of the portal once; a test sees that a new one is not forgotten.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select
from sqlalchemy.orm import Session

from domain.merging.rows import table_of
from domain.privacy.person import Person
from models.accounts import User, UserSession
from models.activities import Activity, ActivityRegistration
from models.attendance import AbsenceJustification, Attendance
from models.audit import AuditEntry
from models.base import Base
from models.calendar import SchoolYear
from models.corrections import Adjustment, ContestedLine, QuotientRevision
from models.custody import CustodyArrangement, GuardianRight
from models.demarches import AddressChange, Demarche, DemarcheKind
from models.direct_debits import DirectDebit, SepaMandate
from models.documents import Document, DocumentType
from models.family import (
    ActivationSecret,
    Child,
    ChildFamily,
    Family,
    FamilyAddress,
    Guardian,
    TrustedPerson,
)
from models.health import HealthSheet, Pai
from models.invoices import CarriedAmount, Invoice, InvoiceLine
from models.messages import OutboxMail
from models.payments import Allocation, BankNotification, LedgerEntry, Payment, PaymentTry, Refund
from models.privacy import DataRequest
from models.quotients import QuotientFamilial
from models.recovery import Handover, RecoveryPause, Reminder, ReminderInvoice
from models.reservations import Reservation, WaitingEntry
from models.schools import EnrolmentRequest, School, SchoolEnrolment, SectorExemption
from models.statements import Statement
from models.tariffs import Voucher
from models.wishes import Wish, WishSheet

Condition = Callable[[Person], ColumnElement[bool]]
# Marks of our own, and what only serves to find or to sign in.
NEVER = frozenset({
    "password", "fs_uniquifier", "key_hash", "secret_hash", "tf_totp_secret", "tf_last_counter", "mf_recovery_codes",
    "calendar_key", "search_text", "client_key", "html_body", "once_key",
})  # fmt: skip


# Numbers that mean something to a person only by their name.
NAMED: Mapping[str, type[Any]] = {
    "activity_id": Activity,
    "document_type_id": DocumentType,
    "school_id": School,
    "school_year_id": SchoolYear,
}


@dataclass(frozen=True, slots=True)
class Holding:
    """A table that holds something about people, and which of its rows are about one.

    Args:
        hidden: columns that tell of somebody else.
    """

    model: type[Base]
    about: Condition
    hidden: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        """The table's name."""
        return table_of(self.model).name


def _family(model: Any) -> Condition:
    return lambda person: model.family_id.in_(person.family_ids)


def _child(model: Any) -> Condition:
    return lambda person: model.child_id.in_(person.children)


def _home(model: Any) -> Condition:
    """A child's rows, as this home wrote them: those of its other home are not this person's."""
    return lambda person: and_(model.family_id.in_(person.family_ids), model.child_id.in_(person.children))


def _home_or_all(model: Any) -> Condition:
    """The same, where a row may be about the whole family."""
    return lambda person: and_(
        model.family_id.in_(person.family_ids),
        or_(model.child_id.is_(None), model.child_id.in_(person.children)),
    )


def _within(column: Any, model: Any, about: Condition) -> Condition:
    return lambda person: column.in_(select(model.id).where(about(person)))


def _account(model: Any) -> Condition:
    return lambda person: model.user_id.in_(person.user_ids)


def _papers(person: Person) -> ColumnElement[bool]:
    """Papers of the family and of this adult, and those that this family gave of its children."""
    health = select(DocumentType.id).where(DocumentType.is_health)
    of_child = and_(
        Document.child_id.in_(person.children),
        Document.given_by_family_id.in_(person.family_ids),
        or_(Document.document_type_id.not_in(health), Document.child_id.in_(person.health_children)),
    )
    return or_(
        Document.family_id.in_(person.family_ids), Document.guardian_id.in_(person.guardian_ids), of_child
    )


def _trail(person: Person) -> ColumnElement[bool]:
    """What this account did, and what was done to its files; not what concerns the other adult alone."""
    entry = AuditEntry
    about_other = and_(entry.subject_kind == "guardian", entry.subject_id.not_in(person.guardian_ids))
    hidden_child = and_(entry.subject_kind == "child", entry.subject_id.not_in(person.children))
    ours = and_(entry.family_id.in_(person.family_ids), ~about_other)
    whole = or_(ours, entry.by == person.label) if person.label else ours
    return and_(whole, ~hidden_child)


def _lines_of_all(model: Any) -> Condition:
    """Sums whose lines name every child of the family: not for an adult who may not know of one of them."""
    return lambda person: and_(model.family_id.in_(person.family_ids), literal(not person.hidden))


def _requests(person: Person) -> ColumnElement[bool]:
    """The family's requests; what the other adult asked about its own data is that adult's."""
    is_own = Demarche.user_id.in_(person.user_ids)
    return and_(_home_or_all(Demarche)(person), or_(Demarche.kind != DemarcheKind.DATA_RIGHTS, is_own))


def _statements(person: Person) -> ColumnElement[bool]:
    """The family's certificates: not for an adult who may not know of a child that one of them may name."""
    of_child = and_(Statement.child_id.is_not(None), Statement.child_id.in_(person.children))
    of_all = and_(Statement.child_id.is_(None), literal(not person.hidden))
    return and_(Statement.family_id.in_(person.family_ids), or_(of_child, of_all))


def _lines(person: Person) -> ColumnElement[bool]:
    invoices = select(Invoice.id).where(Invoice.family_id.in_(person.family_ids))
    return and_(
        InvoiceLine.invoice_id.in_(invoices),
        or_(InvoiceLine.child_id.is_(None), InvoiceLine.child_id.in_(person.children)),
    )


HOLDINGS: tuple[Holding, ...] = (
    Holding(User, lambda person: User.id.in_(person.user_ids)),
    Holding(UserSession, _account(UserSession)),
    Holding(
        DataRequest,
        lambda person: or_(
            DataRequest.user_id.in_(person.user_ids), DataRequest.guardian_id.in_(person.guardian_ids)
        ),
    ),
    Holding(Guardian, lambda person: Guardian.id.in_(person.guardian_ids)),
    Holding(ActivationSecret, lambda person: ActivationSecret.guardian_id.in_(person.guardian_ids)),
    Holding(Family, lambda person: Family.id.in_(person.family_ids)),
    Holding(FamilyAddress, _family(FamilyAddress)),
    Holding(QuotientFamilial, _family(QuotientFamilial)),
    Holding(Voucher, _family(Voucher)),
    Holding(TrustedPerson, _home_or_all(TrustedPerson)),
    Holding(Child, lambda person: Child.id.in_(person.children)),
    Holding(ChildFamily, _home(ChildFamily)),
    Holding(CustodyArrangement, _child(CustodyArrangement), frozenset({"family_id", "other_family_id"})),
    Holding(GuardianRight, lambda person: GuardianRight.guardian_id.in_(person.guardian_ids)),
    Holding(HealthSheet, lambda person: HealthSheet.child_id.in_(person.health_children)),
    Holding(Pai, lambda person: Pai.child_id.in_(person.health_children)),
    Holding(Document, _papers),
    Holding(Demarche, _requests),
    Holding(AddressChange, _family(AddressChange)),
    Holding(SchoolEnrolment, _child(SchoolEnrolment)),
    Holding(
        EnrolmentRequest,
        lambda person: and_(
            EnrolmentRequest.family_id.in_(person.family_ids),
            EnrolmentRequest.enrolment_id.in_(
                select(SchoolEnrolment.id).where(SchoolEnrolment.child_id.in_(person.children))
            ),
        ),
    ),
    Holding(
        SectorExemption,
        lambda person: SectorExemption.enrolment_id.in_(
            select(EnrolmentRequest.enrolment_id)
            .join(SchoolEnrolment, SchoolEnrolment.id == EnrolmentRequest.enrolment_id)
            .where(
                EnrolmentRequest.family_id.in_(person.family_ids),
                SchoolEnrolment.child_id.in_(person.children),
            )
        ),
    ),
    Holding(ActivityRegistration, _home(ActivityRegistration)),
    Holding(Reservation, _home(Reservation)),
    Holding(WaitingEntry, _home(WaitingEntry)),
    Holding(WishSheet, _home(WishSheet)),
    Holding(Wish, _within(Wish.sheet_id, WishSheet, _home(WishSheet))),
    Holding(Attendance, _home(Attendance)),
    Holding(AbsenceJustification, _home(AbsenceJustification)),
    Holding(Invoice, _family(Invoice)),
    Holding(InvoiceLine, _lines),
    Holding(CarriedAmount, _lines_of_all(CarriedAmount)),
    Holding(ContestedLine, _within(ContestedLine.line_id, InvoiceLine, _lines)),
    Holding(QuotientRevision, _family(QuotientRevision)),
    Holding(Adjustment, _lines_of_all(Adjustment)),
    Holding(Reminder, _family(Reminder)),
    Holding(ReminderInvoice, _within(ReminderInvoice.reminder_id, Reminder, _family(Reminder))),
    Holding(Handover, _within(Handover.invoice_id, Invoice, _family(Invoice))),
    Holding(RecoveryPause, _family(RecoveryPause)),
    Holding(Statement, _statements),
    Holding(Payment, _family(Payment)),
    Holding(Allocation, _within(Allocation.invoice_id, Invoice, _family(Invoice))),
    Holding(Refund, _family(Refund)),
    Holding(LedgerEntry, _family(LedgerEntry)),
    Holding(PaymentTry, _family(PaymentTry)),
    Holding(
        BankNotification,
        _within(BankNotification.try_id, PaymentTry, _family(PaymentTry)),
        frozenset({"source_ip"}),
    ),
    Holding(SepaMandate, _family(SepaMandate)),
    Holding(DirectDebit, _family(DirectDebit)),
    Holding(OutboxMail, lambda person: OutboxMail.recipient.in_(person.emails)),
    Holding(AuditEntry, _trail),
)

_SETTING = "réglage de la commune"
_LINK = "dit seulement ce qu’une ligne exportée facture ou paie"
WITHOUT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "activity", "activity_formula", "activity_regulation", "age_group", "closure", "counter", "document_requirement",
            "document_type", "enrolment_campaign", "exemption_motive", "notice_rule", "price_rule", "public_holiday",
            "reminder_level", "retention_period", "role", "school", "school_class", "school_holiday", "school_sector", "school_year",
            "service_hours", "sibling_discount", "site", "tariff", "tariff_band", "tariff_version", "town", "wish_round",
        ),
        _SETTING,
    ),
    **dict.fromkeys(("invoice_item", "carried_item", "payment_try_invoice"), _LINK),
    "activity_day": "jour d’ouverture, sans nom",
    "activity_event": "grève, sortie ou fermeture d’un jour, sans nom",
    "roll_call": "clôture d’un appel, sans nom d’enfant",
    "invoice_run": "facturation d’un mois, en totaux",
    "invoice_run_family": "contrôle d’un mois, repris dans la facture",
    "print_batch": "lot d’impression, détruit avec ses factures",
    "print_batch_invoice": "dit seulement dans quel lot une facture exportée fut imprimée",
    "drawing_try": "essai de dessin d’un document",
    "print_batch_reminder": "dit seulement dans quel lot une relance exportée fut imprimée",
    "reminder_run": "relances d’un jour, en totaux",
    "handover_batch": "bordereau pour le Trésor public, en totaux",
    "tax_run": "attestations fiscales d’une année, en totaux",
    "tariff_simulation": "essai d’un tarif, en totaux et numéros de dossiers",
    "child_word": "mots de la recherche, tirés de la fiche exportée",
    "family_word": "mots de la recherche, tirés du dossier exporté",
    "guardian_word": "mots de la recherche, tirés de la fiche exportée",
    "word_variant": "fautes de frappe de la recherche, sans personne",
    "open_books": "ouverture des livres pendant une écriture, jamais gardée",
    "cash_session": "caisse du régisseur",
    "deposit_slip": "bordereau de la régie, en totaux",
    "debit_batch": "remise à la banque, en totaux",
    "job": "travail du service, en totaux et numéros de dossiers",
    "import_run": "fichier apporté par le service, détruit au bout de quelques mois",
    "queue_ticket": "place dans la salle d’attente, sans nom, effacée le lendemain",
    "stored_file": "décrit dans les pièces ; les fichiers sont dans l’archive",
    "user_role": "rôle du compte, parent",
    "staff_site": "lieux d’un agent",
    "purge_run": "compte de ce qui fut effacé, sans nom",
    "doomed_file": "fichier en cours d’effacement",
}  # fmt: skip


def held_about(session: Session, person: Person) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's rows about a person, as plain values; tables without any are left out."""
    names = _names(session, person)
    for holding in HOLDINGS:
        table = table_of(holding.model)
        columns = [one for one in table.columns if one.name not in NEVER | holding.hidden]
        keys = list(table.primary_key.columns)
        rows = session.execute(select(*columns).where(holding.about(person)).order_by(*keys))
        found = [_readable(row._mapping, names) for row in rows]
        if found:
            yield holding.name, found


def _names(session: Session, person: Person) -> dict[str, dict[int, str]]:
    """Return what the numbers of children and of the town's things mean, by column."""
    children = session.scalars(select(Child).where(Child.id.in_(person.children)))
    found = {"child_id": {child.id: child.full_name for child in children}}
    for column, model in NAMED.items():
        found[column] = {row.id: str(row) for row in session.scalars(select(model))}
    return found


def _readable(row: Mapping[Any, Any], names: Mapping[str, Mapping[int, str]]) -> dict[str, Any]:
    """Return a row as plain values; beside a number, the name of what it means."""
    values: dict[str, Any] = {}
    for key, value in row.items():
        column = str(key)
        values[column] = plain(value)
        if isinstance(value, int) and value in names.get(column, {}):
            values[column.removesuffix("_id")] = names[column][value]
    return values


def plain(value: Any) -> Any:
    """Return a value as JSON writes it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
