"""The forms of a wish round: what it says, and what staff make of a declaration."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from domain.dates import at
from domain.money import parse_euros
from domain.reservations.catalogue import ActivityView
from domain.wishes.rounds import Terms
from domain.wishes.rules import MAX_POINTS, Criterion
from models.wishes import WishRound
from views.admin.school_settings import ParisMomentField
from views.formats import euros
from views.forms.fields import strip
from views.wish_words import CRITERIA

# What the form begins with; the town changes it as its council decides.
USUAL_POINTS = {
    Criterion.WORKING_PARENTS: 10,
    Criterion.SINGLE_PARENT: 10,
    Criterion.RESIDENT: 8,
    Criterion.EARLIER_REFUSAL: 6,
    Criterion.SIBLING: 4,
    Criterion.LOW_QUOTIENT: 4,
}
_MOMENT = InputRequired(_l("Indiquez le jour et l’heure."))
_DAY = InputRequired(_l("Indiquez le jour."))


class RoundForm(FlaskForm):
    """What families read of a round; its criteria are the fields added below."""

    activity_id = SelectField(_l("Activité"), [InputRequired(_l("Choisissez l’activité."))], coerce=int)
    name = StringField(
        _l("Nom de la campagne"),
        [InputRequired(_l("Écrivez un nom, par exemple : vacances d’hiver.")), Length(max=120)],
        filters=[strip],
    )
    first_day = DateField(_l("Première journée attribuée"), [_DAY])
    last_day = DateField(_l("Dernière journée attribuée"), [_DAY])
    opens_at = ParisMomentField(_l("Ouverture des vœux (heure de Paris)"), [_MOMENT])
    closes_at = ParisMomentField(_l("Clôture des vœux (heure de Paris)"), [_MOMENT])
    quotient_below = StringField(
        _l("Quotient modeste : inférieur à"),
        [Optional()],
        filters=[strip],
        render_kw={"inputmode": "decimal"},
    )

    def validate_quotient_below(self, field: StringField) -> None:
        """Refuse what is not a number, and points for a quotient that nobody can be below."""
        if field.data:
            try:
                parse_euros(field.data)
            except ValueError as error:
                raise ValidationError(_("Écrivez un quotient, par exemple 800.")) from error

    def validate_points_low_quotient(self, field: IntegerField) -> None:
        """Ask for the value when the quotient gives points."""
        if field.data and not self.quotient_below.data:
            raise ValidationError(_("Écrivez aussi au-dessous de quel quotient."))

    @property
    def point_fields(self) -> list[IntegerField]:
        """The points of each criterion."""
        return [self[f"points_{criterion.value}"] for criterion in Criterion]

    def offer(self, activities: Iterable[ActivityView]) -> None:
        """Give the list of activities."""
        self.activity_id.choices = [
            SelectChoice(one.id, f"{one.name}, {one.site_name}") for one in activities if one.is_active
        ]

    def terms(self) -> Terms:
        """Return what was typed."""
        opens, closes = self.opens_at.data, self.closes_at.data
        return Terms(
            activity_id=self.activity_id.data,
            name=self.name.data,
            first_day=self.first_day.data,
            last_day=self.last_day.data,
            opens_at=at(opens.date(), opens.time()),
            closes_at=at(closes.date(), closes.time()),
            points={criterion: self[f"points_{criterion.value}"].data or 0 for criterion in Criterion},
            quotient_below_cents=parse_euros(self.quotient_below.data) if self.quotient_below.data else None,
        )


for _criterion in Criterion:
    setattr(
        RoundForm,
        f"points_{_criterion.value}",
        IntegerField(
            CRITERIA[_criterion],
            [Optional(), NumberRange(0, MAX_POINTS, _l("Écrivez un nombre de 0 à 100."))],
            render_kw={"inputmode": "numeric", "class": "short"},
        ),
    )


def fresh_values() -> dict[str, Any]:
    """Return what the form of a new round begins with."""
    return {f"points_{criterion.value}": worth for criterion, worth in USUAL_POINTS.items()} | {
        "quotient_below": "800"
    }


def values_of(row: WishRound) -> dict[str, Any]:
    """Return what the form of a round begins with."""
    below = row.quotient_below_cents
    return {
        "activity_id": row.activity_id,
        "name": row.name,
        "first_day": row.first_day,
        "last_day": row.last_day,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "quotient_below": "" if below is None else euros(below).removesuffix("€").strip(),
        **{f"points_{criterion.value}": row.points.get(criterion.value, 0) for criterion in Criterion},
    }


class CheckForm(FlaskForm):
    """What staff keep out of a family's declaration; the view gives what was declared."""

    set_aside = SelectMultipleField(
        _l("Déclarations non retenues"),
        [Optional()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    reason = StringField(
        _l("Pourquoi (la famille le lira)"),
        [Length(max=200)],
        filters=[strip],
    )
