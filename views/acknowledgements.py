"""The acknowledgement of a declaration, on paper."""

from flask_babel import gettext as _

from domain import clock
from domain.clock import local_day
from domain.family.declaration import Declaration, declaration_documents
from gateways.pdf import AcknowledgementContext, address_lines, render_acknowledgement
from views.extensions import db
from views.invoice_documents import render_document
from views.languages import FRENCH, speaking
from views.letterhead import letterhead
from views.mailing import absolute


@speaking(FRENCH)
def acknowledgement_pdf(declaration: Declaration, user_id: int) -> bytes:
    """Return the acknowledgement of a declaration that was sent, with what is missing today.

    Args:
        user_id: to whom it is addressed.
    """
    demarche, sheet = declaration.demarche, declaration.sheet
    if sheet is None or demarche.submitted_at is None or demarche.number is None:
        msg = f"declaration {demarche.id} was not sent"
        raise ValueError(msg)
    me = declaration.me(user_id)
    home = sheet.address
    lines = "\n".join((home.line1, home.line2, f"{home.postcode} {home.city}")) if home else ""
    return render_acknowledgement(
        render_document,
        AcknowledgementContext(
            town=letterhead(),
            number=demarche.number,
            sent_on=local_day(demarche.submitted_at),
            subject=_("Déclaration de famille"),
            address=address_lines(me.full_name if me else sheet.family.name, lines),
            people=tuple(child.full_name for child in sheet.children),
            missing=tuple(
                f"{need.type_name} ({need.subject_name})"
                for need in declaration_documents(db.session(), declaration, clock.today())
                if not need.is_given
            ),
            url=absolute("parent.declaration"),
        ),
    )
