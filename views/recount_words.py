"""What a month counted again says, in French, to staff and to the command line."""

from flask_babel import gettext as _

from domain.invoicing.queries import written_days
from domain.invoicing.recount import Recounted
from views.formats import euros


def difference_about(one: Recounted) -> str:
    """Name the line: its document, its child and what it bills."""
    document = one.document or _("Report de la famille %(family)s", family=one.family_id)
    about = ", ".join(part for part in (one.child_name, one.label) if part)
    return f"{document}, {about}" if about else document


def difference_sentence(one: Recounted) -> str:
    """Say what was issued, what it comes to, and which days make the difference."""
    cents = _(
        "%(issued)s émis, %(recounted)s recalculés",
        issued=euros(one.issued_cents),
        recounted=euros(one.recounted_cents),
    )
    return " ; ".join((cents, *difference_days(one)))


def difference_days(one: Recounted) -> list[str]:
    """Say which days are not billed any more, and which have another price."""
    said = (
        (one.gone, _("plus facturé : %(days)s", days=", ".join(written_days(one.gone)))),
        (one.repriced, _("autre prix : %(days)s", days=", ".join(written_days(one.repriced)))),
    )
    return [text for days, text in said if days]
