"""Settings of reminders: the levels, their days and their words."""

from typing import Any

from flask_admin.form import BaseForm
from sqlalchemy import select
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from domain.recovery.rules import NAMES, Level, require_known_names, require_order
from models.recovery import PaperRule, ReminderLevel
from views.admin.bases import CASHIERS, DESK, SettingsView
from views.admin.fields import EurosField
from views.admin.words import choices_of, options
from views.errors import field_error
from views.extensions import db
from views.forms.fields import strip

NEEDED = InputRequired("Remplissez ce champ.")
LABELS = {
    "level": "N°", "after_days": "Jours après l’échéance", "title": "Titre du courrier", "body": "Texte du courrier",
    "by_email": "Par e-mail", "paper": "Sur papier", "min_cents": "Montant minimal",
}  # fmt: skip


def in_order(form: Any, field: Any) -> None:
    """Refuse days that would put this level before a lower one."""
    others = db.session.scalars(select(ReminderLevel)).all()
    edited = getattr(form, "_obj", None)
    known = [Level(one.level, one.after_days) for one in others if edited is None or one.id != edited.id]
    if form.level.data is None or field.data is None:
        return
    with field_error():
        require_order(form.level.data, field.data, known)


def known_words(_form: Any, field: Any) -> None:
    """Refuse a word in braces that no letter knows."""
    with field_error():
        require_known_names(field.data or "")


def reaches_somebody(form: Any, field: Any) -> None:
    """Refuse a level that goes no way."""
    if not form.by_email.data and field.data is PaperRule.NEVER:
        raise ValidationError("Choisissez l’e-mail, le papier, ou les deux.")


class ReminderLevelForm(BaseForm):
    """A level: the levels keep their order, and the letter knows its words."""

    level = IntegerField(
        LABELS["level"], [NEEDED, NumberRange(1, 9, "De 1 à 9.")], description="1 pour le premier rappel."
    )
    after_days = IntegerField(
        LABELS["after_days"],
        [NEEDED, NumberRange(1, 730, "De 1 à 730 jours."), in_order],
        description="Deux courriers restent séparés d’autant de jours que leurs rappels.",
    )
    title = StringField(LABELS["title"], [NEEDED, Length(max=120)], filters=[strip])
    body = TextAreaField(
        LABELS["body"],
        [NEEDED, known_words],
        filters=[strip],
        render_kw={"rows": 8},
        description="Une ligne vide sépare deux paragraphes. Sont remplacés : "
        + ", ".join(f"{{{name}}}" for name in NAMES)
        + ".",
    )
    min_cents = EurosField(
        LABELS["min_cents"],
        [NEEDED],
        default=0,
        render_kw={"inputmode": "decimal"},
        description="Une facture dont il reste moins à payer n’est pas relancée à ce niveau.",
    )
    paper = SelectField(
        LABELS["paper"],
        [NEEDED, reaches_somebody],
        choices=options(choices_of(PaperRule)),
        coerce=PaperRule,
        default=PaperRule.PAPER_FAMILIES,
        description="Une famille sans adresse e-mail reçoit toujours le papier.",
    )
    by_email = BooleanField(LABELS["by_email"], default=True)


class ReminderLevelScreen(SettingsView):
    """The steps of the reminders; the last one comes before the Trésor public."""

    readers = DESK | CASHIERS
    writers = CASHIERS
    form_fields = ("level", "after_days", "title", "body", "by_email", "paper", "min_cents")
    labels = LABELS
    column_list = ("level", "title", "after_days", "by_email", "paper", "min_cents")
    column_details_list = form_fields
    column_default_sort = ("level", False)
    empty = "Aucun rappel : aucune famille n’est relancée."

    def get_form(self) -> Any:
        """Return the form of a level."""
        return ReminderLevelForm
