"""A family's new quotient familial, with what it does to the months already invoiced, before and after."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from domain import clock
from domain.actor import Role
from domain.errors import Refusal
from domain.family.operations import record_quotient
from domain.invoicing.retroactive import apply_quotient, revised_invoices
from domain.money import parse_euros
from models.corrections import QuotientRevision
from models.family import Family
from models.quotients import QuotientFamilial, QuotientSource
from models.town import Town
from views.access import access, current_actor
from views.admin.words import word
from views.errors import refusal_sentence
from views.extensions import db
from views.jobs import wake
from views.mailing import absolute, tell_family

ROLES = (Role.ADMINISTRATOR.value, Role.REGISSEUR.value, Role.SCHOOL_AGENT.value)
SOURCES = (QuotientSource.CAF, QuotientSource.MSA, QuotientSource.TAX_NOTICE, QuotientSource.STAFF)
bp = Blueprint("admin_quotients", __name__, url_prefix="/admin/quotients")


class QuotientForm(FlaskForm):
    """A quotient, where it comes from, and since when."""

    value = StringField(
        _l("Quotient familial"),
        [InputRequired(_l("Écrivez le quotient, par exemple 700 ou 1049,51."))],
        render_kw={"inputmode": "decimal"},
    )
    valid_from = DateField(
        _l("En vigueur depuis le"),
        [InputRequired(_l("Écrivez le premier jour où il s’applique."))],
        description=_l("Un jour passé change aussi les mois déjà facturés, selon la règle de la commune."),
    )
    source = RadioField(
        _l("D’où vient-il ?"),
        [InputRequired(_l("Choisissez d’où vient ce quotient."))],
        choices=[SelectChoice(source.value, word(source.value)) for source in SOURCES],
        default=QuotientSource.CAF.value,
    )

    def validate_value(self, field: StringField) -> None:
        """Refuse what is not a number."""
        try:
            parse_euros(field.data or "")
        except ValueError as error:
            raise ValidationError(
                _("Écrivez le quotient en chiffres, par exemple 700 ou 1049,51.")
            ) from error


@dataclass(frozen=True, slots=True)
class Effect:
    """What a new quotient changes in an issued invoice, in cents."""

    number: str
    month: date | None
    difference_cents: int


@bp.route("/<int:family_id>", methods=["GET", "POST"])
@access(*ROLES)
def new(family_id: int) -> ResponseReturnValue:
    """Show what a new quotient would do to issued months, then record it and do that."""
    family = db.session.get(Family, family_id)
    if family is None:
        abort(404)
    form = QuotientForm()
    if not form.validate_on_submit():
        return _page(family, form), 422 if form.is_submitted() else 200
    try:
        recorded = _record(family_id, form)
        if request.form.get("act") != "record":
            effects = _effects(family_id, form.valid_from.data)
            db.session.rollback()
            return _page(db.session.get_one(Family, family_id), form, effects)
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
        form.value.errors = [refusal_sentence(refusal)]
        return _page(db.session.get_one(Family, family_id), form), 422
    _tell(recorded, revision)
    db.session.commit()
    wake("documents")
    flash(_("Le quotient est enregistré ; la famille est prévenue."), "success")
    return redirect(url_for("family.details_view", id=family_id), 303)


def _record(family_id: int, form: QuotientForm) -> QuotientFamilial:
    return record_quotient(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=family_id,
        value_cents=parse_euros(form.value.data),
        source=QuotientSource(form.source.data),
        valid_from=form.valid_from.data,
    )


def _effects(family_id: int, since: date) -> list[Effect]:
    found = revised_invoices(db.session(), family_id=family_id, since=since, now=clock.now())
    return [Effect(one.invoice.number, one.invoice.month, one.difference_cents) for one in found]


def _page(family: Family, form: QuotientForm, effects: list[Effect] | None = None) -> str:
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
        form=form,
        effects=effects,
        total_cents=sum(one.difference_cents for one in effects or ()),
        town=db.session.scalars(select(Town)).one(),
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
