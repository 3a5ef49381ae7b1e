"""The letter that opens the portal to an adult of a known family, printed at the desk."""

from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from domain import clock
from domain.family.activation import IssuedSecret, issue_activation_secret
from domain.family.names import formal_name
from domain.family.rules import written_family_code, written_secret
from domain.family.sheet import current_address
from gateways.pdf import LetterContext, address_lines, render_letter
from models.family import Family, Guardian
from views.access import access, current_actor
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.letterhead import letterhead
from views.mailing import absolute

bp = Blueprint("admin_letters", __name__, url_prefix="/admin/courriers")


@bp.route("/<int:guardian_id>", methods=["GET", "POST"], endpoint="print")
@access("administrator", "school_agent")
def print_letter(guardian_id: int) -> ResponseReturnValue:
    """Ask first, since a new letter cancels the one before; then give the PDF, the secret's only copy."""
    guardian = db.session.get(Guardian, guardian_id)
    if guardian is None:
        abort(404)
    family = db.session.get_one(Family, guardian.family_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("admin/letter.html", form=form, guardian=guardian, family=family)
    issued = issue_activation_secret(
        db.session(), actor=current_actor(), now=clock.now(), guardian_id=guardian_id
    )
    letter = _letter(issued, guardian, family)
    # Committed before the slow drawing, so that no other agent waits; a lost PDF is printed again.
    db.session.commit()
    response = Response(render_letter(_render, letter), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="courrier-{issued.family_code}.pdf"'
    return response


def _letter(issued: IssuedSecret, guardian: Guardian, family: Family) -> LetterContext:
    today = clock.today()
    address = current_address(db.session(), family.id, today)
    name = formal_name(guardian.civility.value, guardian.given_name, guardian.family_name)
    lines: tuple[str, ...] = (name,)
    if address is not None:
        street = "\n".join(part for part in (address.line1, address.line2) if part)
        lines = address_lines(name, f"{street}\n{address.postcode} {address.city}")
    return LetterContext(
        town=letterhead(),
        written_on=today,
        family_name=family.name,
        address=lines,
        family_code=written_family_code(issued.family_code),
        secret=written_secret(issued.plain),
        url=absolute("activation.start"),
        qr_url=absolute("activation.start", code=issued.family_code),
        expires_on=issued.last_day,
    )


def _render(template: str, facts: dict[str, Any]) -> str:
    return render_template(template, **facts)
