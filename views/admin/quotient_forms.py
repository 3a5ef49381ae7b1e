"""The forms of a quotient familial: what is written into the file, and CAF's formula for those it does not follow."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, MonthField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from domain.family.quotients import Proof
from domain.pricing.quotients import caf_quotient, parts
from models.quotients import QuotientSource
from views.admin.fields import EurosField
from views.admin.words import word
from views.formats import short_day, short_moment

SOURCES = (QuotientSource.CAF, QuotientSource.MSA, QuotientSource.TAX_NOTICE, QuotientSource.STAFF)
MOST_CHILDREN = 20


class QuotientForm(FlaskForm):
    """A quotient, what proves it, and when it holds."""

    value = EurosField(
        _l("Quotient familial"),
        [InputRequired(_l("Écrivez le quotient, par exemple 700 ou 1049,51."))],
        wrong=_l("Écrivez le quotient en chiffres, par exemple 700 ou 1049,51."),
        render_kw={"inputmode": "decimal"},
    )
    valid_from = DateField(
        _l("En vigueur depuis le"),
        [InputRequired(_l("Écrivez le premier jour où il s’applique."))],
        description=_l("Un jour passé change aussi les mois déjà facturés, selon la règle de la commune."),
    )
    last_day = DateField(
        _l("Valable jusqu’au"),
        [Optional()],
        description=_l(
            "Après ce jour, la famille paie le tarif le plus élevé. Vide : jusqu’au prochain quotient."
        ),
    )
    source = RadioField(
        _l("D’où vient-il ?"),
        [InputRequired(_l("Choisissez d’où vient ce quotient."))],
        choices=[SelectChoice(source.value, word(source.value)) for source in SOURCES],
        default=QuotientSource.CAF.value,
    )
    document = SelectField(_l("Document qui le prouve"), coerce=int, default=0)
    reference_month = MonthField(
        _l("Mois de référence"),
        [Optional()],
        format=["%Y-%m", "%m/%Y"],
        description=_l("Le mois des ressources comptées, écrit sur l’attestation."),
    )
    note = StringField(_l("Note"), [Optional(), Length(max=200, message=_l("Écrivez 200 signes au plus."))])

    def offer(self, proofs: Sequence[Proof]) -> None:
        """Offer the family's documents."""
        self.document.choices = [(0, _("Aucun")), *((proof.id, _about(proof)) for proof in proofs)]

    def propose(self, proof: Proof) -> None:
        """Fill in what a document says by itself."""
        self.document.data = proof.id
        self.last_day.data = proof.valid_until
        self.reference_month.data = proof.issued_on.replace(day=1) if proof.issued_on else None

    @property
    def valid_to(self) -> date | None:
        """The first day on which the quotient no longer holds."""
        return self.last_day.data + timedelta(days=1) if self.last_day.data else None


def _about(proof: Proof) -> str:
    given = _("%(kind)s, reçu le %(day)s", kind=proof.kind_name, day=short_moment(proof.given_at))
    if proof.valid_until is None:
        return given
    return _("%(document)s, valable jusqu’au %(day)s", document=given, day=short_day(proof.valid_until))


def _sum(label: str, example: str) -> EurosField:
    return EurosField(
        label,
        [
            InputRequired(_l("Écrivez une somme, ou 0.")),
            NumberRange(0, None, _l("Écrivez une somme positive, ou 0.")),
        ],
        description=example,
        render_kw={"inputmode": "decimal"},
    )


def _count(label: str) -> IntegerField:
    said = _l("Écrivez un nombre de 0 à %(most)s.", most=MOST_CHILDREN)
    return IntegerField(
        label,
        [InputRequired(said), NumberRange(0, MOST_CHILDREN, said)],
        default=0,
        render_kw={"inputmode": "numeric"},
    )


class FormulaForm(FlaskForm):
    """What CAF's formula needs, from a tax notice."""

    resources = _sum(_l("Ressources de l’année, après abattements"), _l("Par exemple 36 000."))
    benefits = _sum(_l("Prestations d’un mois"), _l("Par exemple 148,52 ; 0 s’il n’y en a pas."))
    children = _count(_l("Enfants à charge"))
    disabled = _count(_l("dont enfants en situation de handicap"))

    def validate_disabled(self, field: IntegerField) -> None:
        """Refuse more disabled children than children."""
        if field.data is not None and self.children.data is not None and field.data > self.children.data:
            raise ValidationError(
                _("Ils sont comptés parmi les enfants à charge : écrivez-en moins, ou autant.")
            )

    def quotient_cents(self) -> int:
        """Return the quotient of valid figures, in cents."""
        return caf_quotient(
            self.resources.data,
            self.benefits.data,
            parts(self.children.data, self.disabled.data),
        )
