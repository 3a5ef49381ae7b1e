"""Ma famille: its people, its address, its quotient familial."""

from flask import render_template
from flask.typing import ResponseReturnValue

from domain import clock
from domain.demarches.queries import last_address_decision, waiting_address_change
from domain.family.sheet import family_sheet
from views.access import access, current_family_id
from views.extensions import db
from views.parent.blueprint import bp


@bp.get("/famille")
@access("parent")
def family() -> ResponseReturnValue:
    """Show the family's file as the town has it."""
    family_id = current_family_id()
    session = db.session()
    return render_template(
        "parent/family.html",
        sheet=family_sheet(session, family_id, clock.today()),
        waiting=waiting_address_change(session, family_id),
        decision=last_address_decision(session, family_id),
    )
