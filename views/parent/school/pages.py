"""Asking for a child's school: which child, which school, which documents, one look at it all, then sent."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from domain import clock
from domain.errors import Refusal
from domain.schools.papers import Papers, enrolment_papers
from domain.schools.queries import family_requests, request_sheet, schools_teaching
from domain.schools.requests import Wish, save_wish, sector_answer, submit_request, swear_domicile
from domain.schools.sectors import FoundSector, SectorAnswer
from models.schools import ExemptionMotive
from views.access import access, current_actor, current_family_id, may_see_child
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.forms.school import OTHER, SECTOR, PapersForm, WishForm
from views.languages import FRENCH, page_language
from views.mailing import absolute, tell_family
from views.parent.blueprint import bp
from views.parent.school.common import (
    Asked,
    asked_or_404,
    not_validated_page,
    refused_page,
    seen_candidates,
    why_not,
)
from views.school_words import unlocated_words

CHILD = "/inscription-scolaire/<int:starts_in>/enfants/<int:child_id>"
FIELD_OF = {
    "wanted_school_missing": "wanted_school_id",
    "wanted_school_is_sector": "wanted_school_id",
    "school_wrong_level": "wanted_school_id",
    "motive_missing": "motive",
}


@bp.get("/inscription-scolaire")
@access("parent")
def school() -> ResponseReturnValue:
    """Choose the child to enrol, and see what was asked before."""
    refused = not_validated_page()
    if refused is not None:
        return refused
    family_id = current_family_id()
    return render_template(
        "parent/school/index.html",
        candidates=seen_candidates(family_id),
        requests=[one for one in family_requests(db.session(), family_id) if may_see_child(one.child_id)],
    )


@bp.route(CHILD, methods=["GET", "POST"])
@access("parent")
def school_wish(starts_in: int, child_id: int) -> ResponseReturnValue:
    """Show the sector's school; keep it, or ask for another."""
    refused = not_validated_page()
    if refused is not None:
        return refused
    asked = asked_or_404(starts_in, child_id)
    refused = why_not(asked.candidate)
    if refused is not None:
        return refused
    form = _wish_form(asked)
    if form.validate_on_submit() and _keep_wish(form, asked):
        return redirect(url_for(".school_papers", starts_in=starts_in, child_id=child_id))
    page = render_template("parent/school/wish.html", form=form, asked=asked, **_sector(asked))
    return page, 422 if form.is_submitted() else 200


def _wish_form(asked: Asked) -> WishForm:
    wish = asked.draft.wish if asked.draft else Wish()
    form = WishForm(
        school=(OTHER if wish.wanted_school_id else SECTOR) if asked.draft else None,
        wanted_school_id=wish.wanted_school_id,
        motive=wish.motive,
        details=wish.details,
    )
    schools = schools_teaching(db.session(), asked.candidate.level)
    towns = {} if page_language() == FRENCH else {"lang": FRENCH}  # an option holds no marked words
    motives = db.session.scalars(
        select(ExemptionMotive.name).where(ExemptionMotive.is_active).order_by(ExemptionMotive.position)
    )
    form.wanted_school_id.choices = [
        SelectChoice("", "–"),
        *(SelectChoice(school.id, school.name) for school in schools),
    ]
    form.motive.choices = [SelectChoice("", "–"), *(SelectChoice(name, name, towns) for name in motives)]
    return form


def _sector(asked: Asked) -> dict[str, object]:
    answer = _answer(asked)
    found = answer.outcome
    is_found = isinstance(found, FoundSector)
    return {
        "address": answer.address,
        "sector_school": found.school_name if isinstance(found, FoundSector) else "",
        "why_unknown": "" if is_found else unlocated_words(found),  # type: ignore[arg-type]
    }


def _answer(asked: Asked) -> SectorAnswer:
    return sector_answer(db.session(), family_id=asked.family_id, candidate=asked.candidate, now=clock.now())


def _keep_wish(form: WishForm, asked: Asked) -> bool:
    """Keep the wish; on a refusal put the sentence on the field that it is about."""
    wish = Wish()
    if form.is_exemption:
        if form.wanted_school_id.data is None:
            form.wanted_school_id.errors = [refusal_sentence(Refusal("wanted_school_missing"))]
            return False
        wish = Wish(form.wanted_school_id.data, form.motive.data or "", form.details.data or "")
    try:
        save_wish(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=asked.family_id,
            candidate=asked.candidate,
            wish=wish,
        )
    except Refusal as refusal:
        db.session.rollback()
        form[FIELD_OF[refusal.code]].errors = [refusal_sentence(refusal)]
        return False
    db.session.commit()
    return True


def _papers(asked: Asked) -> Papers:
    return enrolment_papers(
        db.session(),
        family_id=asked.family_id,
        child_id=asked.candidate.child_id,
        is_exemption=asked.draft is not None and asked.draft.wish.wanted_school_id is not None,
        today=clock.today(),
    )


@bp.route(f"{CHILD}/pieces", methods=["GET", "POST"])
@access("parent")
def school_papers(starts_in: int, child_id: int) -> ResponseReturnValue:
    """Show the few documents asked, each with its page to give it; the address may be sworn."""
    refused = not_validated_page()
    if refused is not None:
        return refused
    asked = asked_or_404(starts_in, child_id)
    refused = why_not(asked.candidate)
    if refused is not None:
        return refused
    if asked.draft is None:
        return redirect(url_for(".school_wish", starts_in=starts_in, child_id=child_id))
    papers = _papers(asked)
    form = PapersForm(is_domicile_sworn=asked.draft.is_domicile_sworn)
    if form.validate_on_submit():
        swear_domicile(
            db.session(),
            actor=current_actor(),
            family_id=asked.family_id,
            demarche_id=asked.draft.demarche_id,
            is_sworn=bool(form.is_domicile_sworn.data),
        )
        db.session.commit()
        if not papers.has_domicile and not form.is_domicile_sworn.data:
            form.is_domicile_sworn.errors = [refusal_sentence(Refusal("domicile_missing"))]
        elif not papers.missing:
            return redirect(url_for(".school_check", starts_in=starts_in, child_id=child_id))
    page = render_template(
        "parent/school/papers.html",
        form=form,
        asked=asked,
        papers=papers,
        address=_answer(asked).address,
        is_incomplete=form.is_submitted() and bool(papers.missing),
    )
    return page, 422 if form.is_submitted() else 200


@bp.route(f"{CHILD}/verification", methods=["GET", "POST"])
@access("parent")
def school_check(starts_in: int, child_id: int) -> ResponseReturnValue:
    """Show everything once more; send it. A second click shows the request that the first one sent."""
    refused = not_validated_page()
    if refused is not None:
        return refused
    asked = asked_or_404(starts_in, child_id)
    if asked.candidate.demarche_id is not None and _is_own(asked.family_id, asked.candidate.demarche_id):
        return redirect(url_for(".school_request", demarche_id=asked.candidate.demarche_id))
    refused = why_not(asked.candidate)
    if refused is not None:
        return refused
    if asked.draft is None:
        return redirect(url_for(".school_wish", starts_in=starts_in, child_id=child_id))
    form = ConfirmForm()
    if form.validate_on_submit():
        return _submit(asked)
    return render_template(
        "parent/school/check.html", form=form, asked=asked, papers=_papers(asked), **_sector(asked),
        wanted_school=_wanted_name(asked),
    )  # fmt: skip


def _wanted_name(asked: Asked) -> str:
    wanted = asked.draft.wish.wanted_school_id if asked.draft else None
    schools = schools_teaching(db.session(), asked.candidate.level)
    return next((school.name for school in schools if school.id == wanted), "")


def _is_own(family_id: int, demarche_id: int) -> bool:
    sheet = request_sheet(db.session(), demarche_id)
    return sheet is not None and sheet.family_id == family_id


def _submit(asked: Asked) -> ResponseReturnValue:
    """Send the request and its acknowledgement in one transaction."""
    assert asked.draft is not None  # noqa: S101 - the page before has seen it
    try:
        sent = submit_request(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=asked.family_id,
            candidate=asked.candidate,
            draft=asked.draft,
        )
    except Refusal as refusal:
        db.session.rollback()
        return refused_page(refusal)
    sheet = request_sheet(db.session(), sent.id)
    tell_family(
        "school_asked",
        asked.family_id,
        sheet=sheet,
        url=absolute("parent.school_request", demarche_id=sent.id),
    )
    db.session.commit()
    flash(_("Votre demande est envoyée. Un accusé de réception part par e-mail."), "success")
    return redirect(url_for(".school_request", demarche_id=sent.id))
