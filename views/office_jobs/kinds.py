"""Every kind of long act, by its name."""

from collections.abc import Mapping

from models.jobs import JobKind
from views.office_jobs import exports, imports, invoicing, mails, money, wishes
from views.office_jobs.task import JobType

TYPES: Mapping[JobKind, JobType] = {
    JobKind.IMPORT_CHECK: imports.CHECK,
    JobKind.IMPORT_FAMILIES: imports.WRITE_FAMILIES,
    JobKind.IMPORT_SECTORS: imports.WRITE_SECTORS,
    JobKind.MONTH_PREVIEW: invoicing.PREVIEW,
    JobKind.MONTH_RECOUNT: invoicing.RECOUNT,
    JobKind.EVENT_MAILS: mails.EVENT_MAILS,
    JobKind.DEBIT_MAILS: mails.DEBIT_MAILS,
    JobKind.DEBIT_FILE: money.DEBIT_FILE,
    JobKind.DEBIT_PAYMENTS: money.DEBIT_PAYMENTS,
    JobKind.DEBIT_RETURNS: money.DEBIT_RETURNS,
    JobKind.REMINDERS: mails.REMINDERS,
    JobKind.HANDOVER: money.HANDOVER,
    JobKind.WISHES: wishes.WISHES,
    JobKind.EXPORT: exports.EXPORT,
}
