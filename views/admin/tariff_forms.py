"""The forms of a tariff's versions: a whole grid at once, and where a copy begins."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from domain.pricing.rules import Band, Method, PriceRule, Residence, Situation
from domain.pricing.versions import Terms
from views.admin.fields import EurosField, ShareField
from views.admin.words import options
from views.forms.fields import strip
from views.tariff_words import METHODS, RESIDENCES, SITUATIONS

MAX_RULES, MAX_BANDS = 40, 30
SPARE_BANDS = 2
DECIMAL = {"inputmode": "decimal"}
# The figures of each method, as the form names them.
SHOWN = {
    Method.FLAT: ("amount_cents",),
    Method.EFFORT: ("rate_ppm", "floor_cents", "ceiling_cents"),
    Method.SLICE: ("amount_cents", "slice_minutes"),
    Method.PERCENT: ("percent_bp",),
    Method.BANDS: (),
}
ASKED = {
    "amount_cents": _l("Écrivez le prix, par exemple 3,05."),
    "rate_ppm": _l("Écrivez le taux d’effort, par exemple 0,36."),
    "ceiling_cents": _l("Écrivez le plafond : c’est aussi le prix d’une famille sans quotient."),
    "slice_minutes": _l("Écrivez la durée d’une tranche, par exemple 30."),
    "percent_bp": _l("Écrivez le pourcentage, par exemple 150."),
}


def not_negative(_form: Any, field: Any) -> None:
    """Refuse an amount below zero."""
    if field.data is not None and field.data < 0:
        raise ValidationError(_("Un prix n’est jamais négatif."))


class BandForm(Form):
    """A row of a grid: it holds until the quotient at which the next one begins."""

    low_cents = EurosField(_l("À partir du quotient"), [not_negative], render_kw=DECIMAL)
    amount_cents = EurosField(_l("Prix"), [not_negative], render_kw=DECIMAL)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed in the row."""
        return not any((field.raw_data or [""])[0].strip() for field in self)


class RuleForm(Form):
    """A price for a case."""

    residence = SelectField(
        _l("Familles"), choices=options((one.value, str(words)) for one, words in RESIDENCES.items())
    )
    situation = SelectField(
        _l("Situation"), choices=options((one.value, str(words)) for one, words in SITUATIONS.items())
    )
    formula_key = SelectField(_l("Formule"))
    method = SelectField(
        _l("Calcul"), choices=options((one.value, str(words)) for one, words in METHODS.items())
    )
    amount_cents = EurosField(_l("Prix"), [not_negative], render_kw=DECIMAL)
    rate_ppm = ShareField(_l("Taux d’effort (%)"), parts=10_000, render_kw=DECIMAL)
    floor_cents = EurosField(_l("Plancher"), [not_negative], render_kw=DECIMAL)
    ceiling_cents = EurosField(_l("Plafond"), [not_negative], render_kw=DECIMAL)
    slice_minutes = IntegerField(
        _l("Durée d’une tranche (min)"),
        [Optional(), NumberRange(1, 1440, _l("Écrivez une durée de 1 à 1440 minutes."))],
        render_kw={"inputmode": "numeric"},
    )
    percent_bp = ShareField(_l("Pourcentage du prix normal"), parts=100, render_kw=DECIMAL)
    bands = FieldList(FormField(BandForm), max_entries=MAX_BANDS)
    is_removed = BooleanField(_l("Retirer cette règle"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Mark what must be filled in; which figures are asked depends on the method."""
        super().__init__(*args, **kwargs)
        for name in ("residence", "situation", "formula_key", "method", *ASKED):
            self[name].flags.required = True

    @property
    def case(self) -> tuple[str, str, str]:
        """Whom and what the rule is for."""
        return self.residence.data, self.situation.data, self.formula_key.data

    @property
    def shown(self) -> list[Any]:
        """The figures of the method chosen, to be typed."""
        return [self[name] for name in SHOWN[Method(self.method.data)]] if self.method.data in METHODS else []

    @property
    def has_bands(self) -> bool:
        """Whether the price is a grid of bands."""
        return bool(self.method.data == Method.BANDS.value)

    @property
    def typed_bands(self) -> list[BandForm]:
        """The rows that hold something."""
        return [row.form for row in self.bands if not row.form.is_empty]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the figures that the method needs; a rule that is taken away needs none."""
        if self.is_removed.data:
            return True
        is_valid = super().validate(extra_validators)
        checked = [self._has(field) for field in self.shown if field.short_name in ASKED]
        checked.append(self._is_ordered())
        if self.has_bands:
            checked += [self._band(row) for row in self.typed_bands]
            checked.append(self._begins_at_zero())
        return is_valid and all(checked)

    def _has(self, field: Any) -> bool:
        if field.data is None and not field.errors:
            field.errors = [str(ASKED[field.short_name])]
        return not field.errors

    def _is_ordered(self) -> bool:
        floor, ceiling = self.floor_cents.data, self.ceiling_cents.data
        if self.method.data != Method.EFFORT.value or floor is None or ceiling is None or floor <= ceiling:
            return True
        self.ceiling_cents.errors = [_("Le plafond est au-dessous du plancher.")]
        return False

    def _band(self, row: BandForm) -> bool:
        """Ask for both ends of a row, and for a quotient that no other row begins at."""
        if row.low_cents.data is None and not row.low_cents.errors:
            row.low_cents.errors = [_("Écrivez le quotient où la tranche commence.")]
        if row.amount_cents.data is None and not row.amount_cents.errors:
            row.amount_cents.errors = [_("Écrivez le prix de la tranche.")]
        same = [one for one in self.typed_bands if one.low_cents.data == row.low_cents.data]
        if row.low_cents.data is not None and same[0] is not row and not row.low_cents.errors:
            row.low_cents.errors = [_("Une autre tranche commence déjà à ce quotient.")]
        return not (row.low_cents.errors or row.amount_cents.errors)

    def _begins_at_zero(self) -> bool:
        lows = [row.low_cents for row in self.typed_bands if row.low_cents.data is not None]
        first = min(lows, key=lambda field: field.data, default=None)
        if first is None:
            field = self.bands[0].form.low_cents if self.bands.entries else self.method
            field.errors = [_("Écrivez au moins la tranche qui commence à 0.")]
            return False
        if first.data:
            first.errors = [
                _("La première tranche commence à 0 : les quotients plus bas n’auraient pas de prix.")
            ]
            return False
        return True

    def rule(self) -> PriceRule:
        """Return what was typed; figures of other methods are left out."""
        method = Method(self.method.data)
        return PriceRule(
            method=method,
            residence=Residence(self.residence.data),
            situation=Situation(self.situation.data),
            formula_key=self.formula_key.data,
            bands=self._bands() if method is Method.BANDS else (),
            **{name: self[name].data for name in SHOWN[method]},
        )

    def _bands(self) -> tuple[Band, ...]:
        """Return the rows as bands: each ends where the next one begins, so there is neither hole nor overlap."""
        rows = sorted((row.low_cents.data, row.amount_cents.data) for row in self.typed_bands)
        ends = [*(low for low, _amount in rows[1:]), None]
        return tuple(Band(low, high, cents) for (low, cents), high in zip(rows, ends, strict=True))


class VersionForm(FlaskForm):
    """A version whole: its date, its vote, and every price."""

    valid_from = DateField(_l("S’applique à partir du"), [InputRequired(_l("Écrivez une date."))])
    title = StringField(
        _l("Nom de travail"),
        [Length(max=120)],
        filters=[strip],
        description=_l("Pour s’y retrouver entre plusieurs hypothèses ; les familles ne le voient pas."),
    )
    deliberation = StringField(_l("Délibération"), [Length(max=120)], filters=[strip])
    rules = FieldList(FormField(RuleForm), max_entries=MAX_RULES)

    def offer(self, formulas: Mapping[str, str]) -> None:
        """Give the lists of formulas: those of the activities that use the tariff, and those that rules name."""
        for entry in self.rules:
            field = entry.form.formula_key
            known = {"": _("Toutes les formules")} | {key: name for key, name in formulas.items() if key}
            if field.data and field.data not in known:
                known[field.data] = _("%(key)s (aucune activité)", key=field.data)
            field.choices = options(known.items())
            field.data = field.data or ""

    def lengthen(self, more: str) -> None:
        """Add an empty rule (``rule``), or empty rows to the bands of one (its number)."""
        if more == "rule" and len(self.rules) < MAX_RULES:
            self.rules.append_entry()
        for number, entry in enumerate(self.rules):
            form = entry.form
            wanted = SPARE_BANDS if more == str(number) or (form.has_bands and not form.bands.entries) else 0
            for _row in range(min(wanted, MAX_BANDS - len(form.bands))):
                form.bands.append_entry()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each rule, and that no two are for the same case."""
        is_valid = super().validate(extra_validators)
        seen = set()
        for form in self.kept:
            if form.case in seen:
                form.residence.errors = [
                    _("Une autre règle vise déjà ce cas : familles, situation et formule.")
                ]
            seen.add(form.case)
        # A list of fields does not see the errors that were found after its own look.
        return is_valid and not self.mistakes()

    @property
    def kept(self) -> list[RuleForm]:
        """The rules that are not taken away."""
        return [entry.form for entry in self.rules if not entry.form.is_removed.data]

    def mistakes(self) -> list[tuple[str, str, str]]:
        """Return every error with the field it stands beside: its id, its label, and what to do."""
        fields: list[Any] = [self.valid_from, self.title, self.deliberation]
        for form in self.kept:
            fields += [field for field in form if field is not form.bands]
            fields += [field for row in form.bands for field in row.form] if form.has_bands else []
        return [
            (field.id, str(field.label.text), " ".join(map(str, field.errors)))
            for field in fields
            if field.errors
        ]

    def terms(self) -> Terms:
        """Return what was typed, once it is valid."""
        return Terms(
            valid_from=self.valid_from.data,
            title=self.title.data or "",
            deliberation=self.deliberation.data or "",
            rules=tuple(form.rule() for form in self.kept),
        )


def values_of(
    rules: Iterable[PriceRule], *, valid_from: Any, title: str, deliberation: str
) -> dict[str, Any]:
    """Return what the form of a version begins with."""
    return {
        "valid_from": valid_from,
        "title": title,
        "deliberation": deliberation,
        "rules": [_rule_values(rule) for rule in rules],
    }


def _rule_values(rule: PriceRule) -> dict[str, Any]:
    names = ("amount_cents", "rate_ppm", "floor_cents", "ceiling_cents", "slice_minutes", "percent_bp")
    return {
        "residence": rule.residence.value,
        "situation": rule.situation.value,
        "formula_key": rule.formula_key,
        "method": rule.method.value,
        "bands": [{"low_cents": band.low_cents, "amount_cents": band.amount_cents} for band in rule.bands],
        **{name: getattr(rule, name) for name in names},
    }


class CopyForm(FlaskForm):
    """Where a copy, or a new version, begins."""

    valid_from = DateField(_l("S’applique à partir du"), [InputRequired(_l("Écrivez une date."))])
    title = StringField(
        _l("Nom de travail"),
        [Length(max=120)],
        filters=[strip],
        description=_l("Par exemple : hypothèse A, + 2 %."),
    )
    is_at_once = BooleanField(_l("La mettre en vigueur tout de suite, avec les mêmes prix"))
