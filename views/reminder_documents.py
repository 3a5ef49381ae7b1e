"""Reminders told: the PDF, drawn once and kept, and the families' e-mails."""

from collections.abc import Sequence

from flask_babel import gettext as _

from domain.direct_debits.mandates import offers_direct_debit
from domain.family.rules import written_family_code
from domain.recovery.reminders import reminder_rows
from domain.recovery.rules import paragraphs
from gateways.pdf import ReminderContext, ReminderLine, address_lines, render_reminder
from models.recovery import Reminder
from views.extensions import db
from views.invoice_documents import keep_drawn, read_pdf, render_document
from views.languages import FRENCH, speaking
from views.letterhead import letterhead
from views.mailing import Letter, absolute, recipients_of, send_mails


@speaking(FRENCH)
def reminder_pdf(reminder: Reminder) -> bytes:
    """Return the kept PDF of a reminder; drawn and kept now when the worker has not come to it yet.

    The caller commits.
    """
    if reminder.file_id is not None:
        return read_pdf(reminder.file_id)
    data = render_reminder(render_document, _context(reminder))
    keep_drawn(reminder, data, f"relance-{reminder.number}.pdf")
    return data


def level_words(level: int) -> str:
    """Return which reminder it is: ``1er``, ``2e``."""
    return _("1er") if level == 1 else _("%(level)se", level=level)


def _context(reminder: Reminder) -> ReminderContext:
    rows = reminder_rows(db.session(), [reminder.id])[reminder.id]
    debit = _(
        "Par prélèvement automatique, pour vos prochaines factures : signez un mandat dans « Mon compte »."
    )
    return ReminderContext(
        town=letterhead(),
        number=reminder.number,
        sent_on=reminder.sent_on,
        title=reminder.title,
        family_code=written_family_code(reminder.family_code) if reminder.family_code else "",
        address=address_lines(reminder.payer_name, reminder.payer_address),
        paragraphs=paragraphs(reminder.body),
        lines=tuple(
            ReminderLine(row.number, row.month, row.due_on, level_words(row.level), row.due_cents)
            for row in rows
        ),
        total_cents=reminder.total_cents,
        means=(
            _("En ligne, par carte bancaire, sur le portail famille."),
            _("Au guichet, en espèces, par chèque ou par carte bancaire."),
            *([debit] if offers_direct_debit(db.session()) else []),
        ),
        pay_url=absolute("parent.invoices"),
    )


def tell_reminded(reminders: Sequence[Reminder]) -> int:
    """Queue the e-mails of reminders, in the transaction that writes them; return how many leave."""
    told = [one for one in reminders if one.by_email]
    listed = reminder_rows(db.session(), [one.id for one in told])
    addresses = recipients_of(one.family_id for one in told)
    letters = [
        Letter(
            recipient=recipient,
            family_id=one.family_id,
            once_key=f"reminder:{one.id}:{recipient}",
            facts={
                "title": one.title,
                "number": one.number,
                "paragraphs": paragraphs(one.body),
                "total_cents": one.total_cents,
                "invoices": listed[one.id],
                "invoices_url": absolute("parent.invoices"),
            },
        )
        for one in told
        for recipient in addresses.get(one.family_id, ())
    ]
    return send_mails("invoice_reminder", letters)
