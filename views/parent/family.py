"""Ma famille: its people, its address, its quotient familial."""

from dataclasses import replace

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from domain import clock
from domain.demarches.queries import last_address_decision, waiting_address_change
from domain.family.invitations import SECOND, may_invite
from domain.family.quotients import asked_proofs
from domain.family.sheet import families_of, family_sheet
from domain.reservations.queries import family_children
from views.access import access, current_actor, current_family_id, visible_children
from views.extensions import db
from views.parent.blueprint import bp
from views.parent.school.common import seen_candidates


@bp.get("/famille")
@access("parent")
def family() -> ResponseReturnValue:
    """Show the family's file as the town has it."""
    family_id = current_family_id()
    database = db.session()
    today = clock.today()
    sheet = family_sheet(database, family_id, today)
    children = visible_children(sheet.children)
    schools = {one.id: one for one in family_children(database, family_id=family_id, today=today)}
    return render_template(
        "parent/family.html",
        sheet=replace(sheet, children=children),
        schools=schools,
        can_invite=not any(adult.rank == SECOND and adult.user_id for adult in sheet.guardians)
        and may_invite(database, current_actor(), family_id),
        waiting=waiting_address_change(database, family_id),
        decision=last_address_decision(database, family_id),
        schooling=seen_candidates(family_id),
        proofs=asked_proofs(database, family_id=family_id, today=clock.today()),
        others=families_of(database, current_actor().family_ids - {family_id}),
    )


@bp.post("/famille/choisir")
@access("parent", after_departure=True)
def choose_family() -> ResponseReturnValue:
    """Look at another of the parent's own families; another's is not found."""
    chosen = request.form.get("family_id", type=int)
    if chosen not in current_actor().family_ids:
        abort(404)
    session["family_id"] = chosen
    return redirect(url_for(".family"))
