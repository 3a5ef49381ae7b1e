"""A family's new quotient familial, with what it does to the months already invoiced, before and after."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from domain import clock
from domain.actor import Role
from domain.documents.review import Reviewers
from domain.errors import Refusal
from domain.family.quotients import Proof, proofs_of, record_quotient
from domain.invoicing.retroactive import apply_quotient, revised_invoices
from models.corrections import QuotientRevision
from models.documents import DocumentState
from models.family import Family
from models.quotients import QuotientFamilial, QuotientSource
from models.town import Town
from views.access import access, current_actor
from views.admin.quotient_forms import FormulaForm, QuotientForm
from views.errors import refusal_sentence
from views.extensions import db
from views.jobs import wake
from views.mailing import absolute, tell_family

ROLES = (Role.ADMINISTRATOR.value, Role.REGISSEUR.value, Role.SCHOOL_AGENT.value)
bp = Blueprint("admin_quotients", __name__, url_prefix="/admin/quotients")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a new quotient changes in an issued invoice, in cents."""

    number: str
    month: date | None
    difference_cents: int


@bp.route("/<int:family_id>", methods=["GET", "POST"])
@access(*ROLES)
def new(family_id: int) -> ResponseReturnValue:
    """Show what a new quotient would do to issued months, then record it and do that.

    ``document`` in the address is the document that proves it; after it, the agent goes back to looking at it.
    """
    family = db.session.get(Family, family_id)
    if family is None:
        abort(404)
    desk = _desk(family)
    if request.method == "GET":
        return _page(desk)
    if request.form.get("act") == "compute":
        return _compute(desk)
    if not desk.form.validate():
        return _page(desk), 422
    return _save(desk)


@dataclass(frozen=True, slots=True)
class Desk:
    """The page's forms, and the documents that the family gave."""

    family: Family
    form: QuotientForm
    formula: FormulaForm
    proofs: dict[int, Proof]


def _desk(family: Family) -> Desk:
    is_formula = request.form.get("act") == "compute"
    form = QuotientForm()
    formula = FormulaForm() if is_formula else FormulaForm(formdata=None)
    proofs = {one.id: one for one in proofs_of(db.session(), family.id)}
    form.offer(list(proofs.values()))
    shown = proofs.get(request.args.get("document", 0, type=int))
    if shown is not None and request.method == "GET":
        form.propose(shown)
    return Desk(family, form, formula, proofs)


def _compute(desk: Desk) -> ResponseReturnValue:
    """Put what CAF's formula gives into the form; nothing is written."""
    if not desk.formula.validate():
        return _page(desk), 422
    cents = desk.formula.quotient_cents()
    desk.form.value.data, desk.form.value.raw_data = cents, None
    desk.form.source.data = QuotientSource.TAX_NOTICE.value
    return _page(desk, computed_cents=cents)


def _save(desk: Desk) -> ResponseReturnValue:
    family_id, form = desk.family.id, desk.form
    try:
        recorded = _record(family_id, form)
        if request.form.get("act") != "record":
            effects = _effects(family_id, form.valid_from.data)
            db.session.rollback()
            return _page(desk, effects)
        revision = apply_quotient(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=family_id,
            quotient_id=recorded.id,
            since=recorded.valid_from,
        )
    except Refusal as refusal:
        db.session.rollback()
        field = {"quotient_ends_before": form.last_day, "quotient_proof_not_there": form.document}
        field.get(refusal.code, form.value).errors = [refusal_sentence(refusal)]
        return _page(desk), 422
    _tell(recorded, revision)
    document_id = recorded.document_id
    db.session.commit()
    wake("documents")
    return _after(family_id, desk.proofs.get(document_id or 0))


def _after(family_id: int, proof: Proof | None) -> ResponseReturnValue:
    """Go back to the family, or to the document that still waits for its decision."""
    may_review = bool(current_actor().roles & set(Reviewers))
    if proof is not None and proof.state is DocumentState.SUBMITTED and may_review:
        flash(
            _("Le quotient est enregistré ; la famille est prévenue. Il reste à accepter le document."),
            "success",
        )
        return redirect(url_for("admin_documents.review", document_id=proof.id), 303)
    flash(_("Le quotient est enregistré ; la famille est prévenue."), "success")
    return redirect(url_for("family.details_view", id=family_id), 303)


def _record(family_id: int, form: QuotientForm) -> QuotientFamilial:
    return record_quotient(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=family_id,
        value_cents=form.value.data,
        source=QuotientSource(form.source.data),
        valid_from=form.valid_from.data,
        valid_to=form.valid_to,
        reference_month=form.reference_month.data,
        document_id=form.document.data or None,
        note=(form.note.data or "").strip(),
    )


def _effects(family_id: int, since: date) -> list[Effect]:
    found = revised_invoices(db.session(), family_id=family_id, since=since, now=clock.now())
    return [Effect(one.invoice.number, one.invoice.month, one.difference_cents) for one in found]


def _page(desk: Desk, effects: list[Effect] | None = None, computed_cents: int | None = None) -> str:
    family = db.session.get_one(Family, desk.family.id)
    history = db.session.scalars(
        select(QuotientFamilial)
        .where(QuotientFamilial.family_id == family.id)
        .order_by(QuotientFamilial.valid_from.desc(), QuotientFamilial.id.desc())
    ).all()
    revisions = db.session.scalars(
        select(QuotientRevision)
        .where(QuotientRevision.family_id == family.id)
        .order_by(QuotientRevision.id.desc())
    ).all()
    return render_template(
        "admin/quotient.html",
        family=family,
        form=desk.form,
        formula=desk.formula,
        computed_cents=computed_cents,
        proofs=desk.proofs,
        may_review=bool(current_actor().roles & set(Reviewers)),
        effects=effects,
        total_cents=sum(one.difference_cents for one in effects or ()),
        rules=db.session.scalars(select(Town)).one(),
        history=history,
        revisions={one.quotient_id: one for one in revisions},
    )


def _tell(recorded: QuotientFamilial, revision: QuotientRevision) -> None:
    tell_family(
        "quotient_recorded",
        recorded.family_id,
        once_key=f"quotient:{recorded.id}",
        value_cents=recorded.value_cents,
        valid_from=recorded.valid_from,
        policy=revision.policy.value,
        difference_cents=revision.difference_cents,
        given_back_cents=-revision.applied_cents,
        why=revision.reason,
        invoices_url=absolute("parent.invoices"),
    )
