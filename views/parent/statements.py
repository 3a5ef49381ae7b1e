"""Mes attestations: tax certificates by year, the days that a child came, the account."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from domain import clock
from domain.family.sheet import family_sheet
from domain.reservations.facts import ChildSheet, child_sheet
from domain.statements.account import account_facts
from domain.statements.attendance import attendance_facts
from domain.statements.operations import issue_account, issue_attendance, issue_tax_certificate
from domain.statements.queries import tax_years
from models.statements import Statement
from views.access import access, current_actor, current_family_id, may_see_child, visible_children
from views.extensions import db
from views.forms.statement import in_address, period_form
from views.parent.blueprint import bp
from views.statement_words import account_row, attendance_row
from views.statements import give_statement, school_year_so_far, year_so_far


@bp.get("/attestations")
@access("parent")
def statements() -> ResponseReturnValue:
    """List what can be attested: taxes by year, presence by child, the account."""
    family_id = current_family_id()
    today = clock.today()
    return render_template(
        "parent/statements.html",
        years=tax_years(db.session(), family_id=family_id, today=today),
        children=visible_children(family_sheet(db.session(), family_id, today).children),
        today=today,
    )


@bp.get("/attestations/fiscale/<int:year>")
@access("parent")
def tax_certificate(year: int) -> ResponseReturnValue:
    """Give the tax certificate of a year that is over."""
    found = issue_tax_certificate(
        db.session(), actor=current_actor(), now=clock.now(), family_id=current_family_id(), year=year
    )
    return give_statement(found)


@bp.get("/attestations/<int:statement_id>")
@access("parent")
def statement(statement_id: int) -> ResponseReturnValue:
    """Give a statement that was issued before, as it was."""
    found = db.session.get(Statement, statement_id)
    if found is None or found.family_id not in current_actor().family_ids:
        abort(404)
    if found.child_id is not None and not may_see_child(found.child_id):
        abort(404)
    return give_statement(found)


@bp.get("/attestations/presence/<int:child_id>")
@access("parent")
def attendance(child_id: int) -> ResponseReturnValue:
    """Show on which days a child came; only those of the family looked at."""
    child = _own_child(child_id)
    form = period_form(request.args, *school_year_so_far(clock.today()))
    facts = None
    if not form.errors:
        facts = attendance_facts(
            db.session(),
            family_id=child.family_id,
            child_id=child_id,
            first_on=form.du.data,
            last_on=form.au.data,
        )
    page = render_template(
        "parent/attendance.html",
        child=child,
        form=form,
        facts=facts,
        rows=[attendance_row(row) for row in facts["activities"]] if facts else [],
        period=in_address(form) if facts else None,
        may_download=facts is not None and form.au.data <= clock.today(),
    )
    return page, 422 if form.errors else 200


@bp.get("/attestations/presence/<int:child_id>/pdf")
@access("parent")
def attendance_file(child_id: int) -> ResponseReturnValue:
    """Give the attendance statement of a child."""
    child = _own_child(child_id)
    form = period_form(request.args, *school_year_so_far(clock.today()))
    if form.errors:
        return redirect(url_for(".attendance", child_id=child_id, **request.args))
    found = issue_attendance(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=child.family_id,
        child_id=child_id,
        first_on=form.du.data,
        last_on=form.au.data,
    )
    return give_statement(found)


@bp.get("/attestations/releve")
@access("parent")
def account_statement() -> ResponseReturnValue:
    """Show every movement of the family's account over a period."""
    form = period_form(request.args, *year_so_far(clock.today()))
    facts = None
    if not form.errors:
        facts = account_facts(
            db.session(), family_id=current_family_id(), first_on=form.du.data, last_on=form.au.data
        )
    page = render_template(
        "parent/account_statement.html",
        form=form,
        facts=facts,
        rows=[account_row(row) for row in facts["rows"]] if facts else [],
        period=in_address(form) if facts else None,
    )
    return page, 422 if form.errors else 200


@bp.get("/attestations/releve/pdf")
@access("parent")
def account_statement_file() -> ResponseReturnValue:
    """Give the statement of the family's account."""
    form = period_form(request.args, *year_so_far(clock.today()))
    if form.errors:
        return redirect(url_for(".account_statement", **request.args))
    found = issue_account(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=current_family_id(),
        first_on=form.du.data,
        last_on=form.au.data,
    )
    return give_statement(found)


def _own_child(child_id: int) -> ChildSheet:
    """Return a child of the family looked at; 404 for any other."""
    found = child_sheet(db.session(), child_id=child_id, family_id=current_family_id(), on=clock.today())
    if found is None:
        abort(404)
    return found
