"""The work list: what waits, for whom, and where to do it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for
from flask_admin import AdminIndexView, expose
from flask_security import current_user
from sqlalchemy import func, select

from domain import clock
from domain.actor import Role
from domain.attendance.headcount import broken_ratios
from domain.direct_debits.queries import batches_to_handle
from domain.documents.queue import waiting_count
from domain.family.activation import locked_codes
from domain.family.declared import declaration_count
from domain.invoicing.contest import open_contest_count
from domain.invoicing.drawing import failed_drawing_count
from domain.payments.queries import silent_tries, waiting_alerts
from domain.privacy.purge import is_purge_overdue
from domain.privacy.requests import open_rights_count
from domain.reservations.registrations import waiting_registration_count
from domain.schools.queries import waiting_counts
from models.attendance import AbsenceJustification
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.invoices import InvoiceRun, RunState
from models.messages import MailState, OutboxMail
from models.payments import BankNotification, PaymentTry
from views.access import current_actor
from views.admin.bases import CASHIERS, DESK, EVERYONE, OFFICE, Guarded
from views.extensions import db

LOOK_AHEAD = timedelta(days=7)

# A card page left by its payer never answers either: after a week the bank's statement has told which it was.
SILENT_SHOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work that waits."""

    title: str
    count: int
    href: str
    icon: str
    is_urgent: bool = False


class HomeView(Guarded, AdminIndexView):
    """The first page of the back office."""

    readers = EVERYONE

    @expose("/")
    def index(self) -> Any:
        """Show what waits for this person's roles."""
        roles = current_actor().roles
        codes = locked_codes(db.session()) if roles & DESK else []
        return self.render("admin/home.html", tasks=work_list(roles), codes=codes, shortcuts=shortcuts(roles))


def work_list(roles: frozenset[Role]) -> list[Task]:
    """Return the kinds of work of these roles, waiting or not; a fixed number of queries."""
    tasks = []
    if roles & DESK:
        tasks += _desk_tasks()
    if roles & CASHIERS:
        tasks += _cash_tasks()
    if Role.ADMINISTRATOR in roles:
        late = int(is_purge_overdue(db.session(), clock.now()))
        tasks.append(Task("Purge des données à faire", late, url_for("admin_retention.index"), "clock"))
    if current_user.has_second_factor:
        missing = 0 if current_user.mf_recovery_codes else 1
        href = url_for("security.mf_recovery_codes")
        tasks.append(Task("Codes de secours à noter", missing, href, "lock", is_urgent=True))
    if roles & OFFICE:
        failed = _count(OutboxMail, OutboxMail.state == MailState.FAILED)
        href = url_for("outboxmail.index_view", flt_state=MailState.FAILED.value)
        tasks.append(Task("Courriels en échec", failed, href, "mail", is_urgent=True))
    return tasks


def _desk_tasks() -> list[Task]:
    waiting = Demarche.state.in_((DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED))
    moves = _count(Demarche, waiting, Demarche.kind == DemarcheKind.ADDRESS_CHANGE)
    helps = _count(Demarche, waiting, Demarche.kind == DemarcheKind.ACCESS_HELP)
    papers, declared = waiting_count(db.session()), declaration_count(db.session())
    asked = waiting_registration_count(db.session())
    away = _count(AbsenceJustification, AbsenceJustification.is_accepted.is_(None))
    today = clock.today()
    short = len(broken_ratios(db.session(), first=today, end=today + LOOK_AHEAD))
    state = DemarcheState.SUBMITTED.value
    return [
        Task("Changements d’adresse", moves, url_for("demarche.index_view", flt_kind="address_change", flt_state=state), "house"),
        Task("Déclarations à valider", declared, url_for("admin_declarations.index"), "users"),
        Task("Pièces à vérifier", papers, url_for("admin_documents.index"), "file-text"),
        *_school_tasks(),
        Task("Inscriptions aux activités", asked, url_for("admin_registrations.index"), "calendar-days"),
        Task("Absences à traiter", away, url_for("admin_absences.index"), "calendar-days"),
        Task("Encadrement insuffisant", short, url_for("admin_headcount.index"), "triangle-alert", is_urgent=True),
        Task("Droits sur les données", open_rights_count(db.session()), url_for("admin_data_rights.index"), "lock"),
        Task("Aides à la connexion", helps, url_for("demarche.index_view", flt_kind="access_help", flt_state=state), "user-round"),
    ]  # fmt: skip


def _school_tasks() -> list[Task]:
    waiting = waiting_counts(db.session())
    href = url_for("admin_enrolments.index")
    return [
        Task("Inscriptions scolaires", waiting.enrolments, f"{href}#inscriptions", "backpack"),
        Task("Dérogations scolaires", waiting.exemptions, f"{href}#derogations", "backpack"),
        Task("Adresses sans secteur scolaire", waiting.unlocated, f"{href}#secteurs", "map-pin"),
    ]


def _cash_tasks() -> list[Task]:
    odd = _count(BankNotification, *waiting_alerts())
    since = clock.now() - SILENT_SHOWN
    silent = _count(PaymentTry, *silent_tries(clock.now()), PaymentTry.opened_at >= since)
    runs = _count(InvoiceRun, InvoiceRun.state.in_((RunState.PREVIEWED, RunState.ISSUING)))
    stopped = _count(InvoiceRun, InvoiceRun.state == RunState.FAILED)
    contested = open_contest_count(db.session())
    debits = batches_to_handle(db.session(), clock.today())
    undrawn = failed_drawing_count(db.session())
    invoicing, alerts = url_for("admin_invoicing.index"), url_for("admin_alerts.index")
    unanswered = url_for("paymenttry.index_view", flt_silent="1")
    return [
        Task("Paiements en ligne à vérifier", odd, alerts, "triangle-alert", is_urgent=True),
        Task("Cartes sans réponse de la banque", silent, unanswered, "hourglass"),
        Task("Facturations arrêtées, à décider", stopped, invoicing, "triangle-alert", is_urgent=True),
        Task("Documents impossibles à préparer", undrawn, invoicing, "file-text", is_urgent=True),
        Task(
            "Prélèvements à remettre ou à encaisser",
            debits,
            url_for("admin_debits.index"),
            "euro",
            is_urgent=True,
        ),
        Task("Lignes contestées", contested, url_for("admin_corrections.index"), "receipt-euro"),
        Task("Mois à facturer en cours", runs, invoicing, "euro"),
    ]


def shortcuts(roles: frozenset[Role]) -> list[tuple[str, str]]:
    """Return what these roles do most often: words and address."""
    found = []
    if roles & DESK:
        found += [
            ("Ouvrir un dossier de famille", url_for("family.create_view")),
            ("Réserver pour un enfant", url_for("reservation.create_view")),
        ]
    if roles & CASHIERS:
        found.append(("Encaisser au guichet", url_for("admin_till.index")))
        found.append(("Facturation du mois", url_for("admin_invoicing.index")))
    if roles & (DESK | {Role.ACTIVITY_LEADER}):
        found.append(("Pointer les enfants", url_for("roll_call.sites")))
    if Role.ACTIVITY_LEADER in roles:
        day = clock.today().isoformat()
        found.append(("Enfants réservés aujourd’hui", url_for("reservation.index_view", flt_day=day)))
    return found


def _count(model: type[Any], *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0
