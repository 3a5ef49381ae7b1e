"""The work list: what waits, for whom, and where to do it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_admin import AdminIndexView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user
from sqlalchemy import func, select

from domain import clock
from domain.actor import Role
from domain.attendance.headcount import broken_ratios
from domain.demarches.queries import open_requests
from domain.direct_debits.queries import batches_to_handle
from domain.documents.queue import waiting_count
from domain.family.activation import locked_codes
from domain.family.declared import declaration_count
from domain.invoicing.contest import open_contest_count
from domain.invoicing.drawing import failed_drawing_count
from domain.payments.queries import silent_tries, waiting_alerts
from domain.privacy.purge import is_purge_overdue
from domain.recovery.lateness import late_month
from domain.recovery.queries import waiting_recovery
from domain.reservations.registrations import waiting_registration_count
from domain.schools.queries import waiting_counts
from domain.waiting.queries import Queue, waiting_since
from models.attendance import AbsenceJustification
from models.demarches import DemarcheKind, DemarcheState
from models.invoices import InvoiceRun, RunState
from models.messages import MailState, OutboxMail
from models.payments import BankNotification, PaymentTry
from views.access import current_actor
from views.admin.bases import CASHIERS, DESK, EVERYONE, OFFICE, Guarded
from views.extensions import db
from views.formats import month

LOOK_AHEAD = timedelta(days=7)

# A card page left by its payer never answers either: after a week the bank's statement has told which it was.
SILENT_SHOWN = timedelta(days=7)


# What waits longer than this is said to be late.
PATIENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work that waits.

    Attributes:
        queue: where it is known since when the oldest waits.
    """

    title: str
    count: int
    href: str
    icon: str
    is_urgent: bool = False
    queue: Queue | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of work as the page shows it: its age in words, and whether it is late or urgent."""

    task: Task
    age: str
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The work of one subject: what waits, and what does not."""

    name: str
    waiting: list[Row]
    done: list[Task]


class HomeView(Guarded, AdminIndexView):
    """The first page of the back office."""

    readers = EVERYONE

    @expose("/")
    def index(self) -> Any:
        """Show what waits for this person's roles."""
        roles = current_actor().roles
        codes = locked_codes(db.session()) if roles & DESK else []
        return self.render(
            "admin/home.html", sections=work_list(roles), codes=codes, shortcuts=shortcuts(roles)
        )


def work_list(roles: frozenset[Role]) -> list[Section]:
    """Return the work of these roles by subject, waiting or not; a fixed number of queries."""
    subjects = []
    if roles & DESK:
        subjects += [
            (_("Familles"), _family_tasks()),
            (_("École"), _school_tasks()),
            (_("Activités"), _activity_tasks()),
        ]
    if roles & CASHIERS:
        subjects.append((_("Facturation et paiements"), _cash_tasks()))
    subjects.append((_("Suivi"), _other_tasks(roles)))
    since = waiting_since(db.session()) if roles & OFFICE else {}
    return [_section(name, tasks, since) for name, tasks in subjects if tasks]


def _section(name: str, tasks: list[Task], since: dict[Queue, datetime]) -> Section:
    waiting = [_row(task, since.get(task.queue) if task.queue else None) for task in tasks if task.count]
    waiting.sort(key=lambda row: not row.is_urgent)
    return Section(name, waiting, [task for task in tasks if not task.count])


def _row(task: Task, since: datetime | None) -> Row:
    if since is None:
        return Row(task, "", task.is_urgent)
    days = (clock.today() - clock.local_day(since)).days
    if days <= 0:
        age = _("depuis aujourd’hui")
    else:
        age = ngettext("depuis %(num)d jour", "depuis %(num)d jours", days)
    return Row(task, age, task.is_urgent or days > PATIENCE.days)


def _other_tasks(roles: frozenset[Role]) -> list[Task]:
    tasks = []
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
        tasks.append(Task("Courriels en échec", failed, href, "mail", is_urgent=True, queue=Queue.MAILS))
    return tasks


def _family_tasks() -> list[Task]:
    asked = open_requests(db.session())
    moves, helps = asked[DemarcheKind.ADDRESS_CHANGE], asked[DemarcheKind.ACCESS_HELP]
    papers, declared = waiting_count(db.session()), declaration_count(db.session())
    state = DemarcheState.SUBMITTED.value
    return [
        Task("Familles à valider", declared, url_for("admin_declarations.index"), "users", queue=Queue.DECLARATIONS),
        Task("Pièces à vérifier", papers, url_for("admin_documents.index"), "file-text", queue=Queue.DOCUMENTS),
        Task("Changements d’adresse", moves, url_for("demarche.index_view", flt_kind="address_change", flt_state=state), "house", queue=Queue.ADDRESSES),
        Task("Aides à la connexion", helps, url_for("demarche.index_view", flt_kind="access_help", flt_state=state), "user-round", queue=Queue.ACCESS_HELPS),
        Task("Droits sur les données", asked[DemarcheKind.DATA_RIGHTS], url_for("admin_data_rights.index"), "lock"),
    ]  # fmt: skip


def _activity_tasks() -> list[Task]:
    asked = waiting_registration_count(db.session())
    away = _count(AbsenceJustification, AbsenceJustification.is_accepted.is_(None))
    today = clock.today()
    short = len(broken_ratios(db.session(), first=today, end=today + LOOK_AHEAD))
    return [
        Task("Inscriptions aux activités", asked, url_for("admin_registrations.index"), "calendar-days", queue=Queue.REGISTRATIONS),
        Task("Absences à justifier", away, url_for("admin_absences.index"), "calendar-days", queue=Queue.ABSENCES),
        Task("Encadrement insuffisant", short, url_for("admin_headcount.index"), "triangle-alert", is_urgent=True),
    ]  # fmt: skip


def _school_tasks() -> list[Task]:
    waiting = waiting_counts(db.session())
    href = url_for("admin_enrolments.index")
    return [
        Task(
            "Inscriptions scolaires",
            waiting.enrolments,
            f"{href}#inscriptions",
            "backpack",
            queue=Queue.ENROLMENTS,
        ),
        Task(
            "Dérogations scolaires",
            waiting.exemptions,
            f"{href}#derogations",
            "backpack",
            queue=Queue.EXEMPTIONS,
        ),
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
    late = late_month(db.session(), clock.today())
    waiting = waiting_recovery(db.session(), clock.now())
    alarm = late and Task(
        f"Facturation en retard : {month(late)}", 1, invoicing, "triangle-alert", is_urgent=True
    )
    return [
        *([alarm] if alarm else []),
        Task(
            "Paiements en ligne à vérifier", odd, alerts, "triangle-alert", is_urgent=True, queue=Queue.ALERTS
        ),
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
        Task(
            "Lignes contestées",
            contested,
            url_for("admin_corrections.index"),
            "receipt-euro",
            queue=Queue.CONTESTS,
        ),
        Task("Mois à facturer en cours", runs, invoicing, "euro"),
        Task("Familles à relancer", waiting.families, url_for("admin_reminders.index"), "mail"),
        Task(
            "Factures à transmettre au Trésor",
            waiting.for_tresor,
            url_for("admin_handovers.index"),
            "file-text",
        ),
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
