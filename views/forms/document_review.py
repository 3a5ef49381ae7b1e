"""The decision on a supporting document."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

OTHER = "other"
REASONS = {
    "unreadable": _l("Le document est illisible ou flou : envoyez une photo plus nette, bien éclairée."),
    "incomplete": _l("Le document est incomplet : il manque une page ou un bord."),
    "too_old": _l("Le document est trop ancien : envoyez-en un plus récent."),
    "other_kind": _l("Ce n’est pas le document demandé."),
    "other_person": _l("Le document ne concerne pas la bonne personne ou la bonne adresse."),
}


class AcceptanceForm(FlaskForm):
    """Until when the document holds."""

    valid_until = DateField(
        _l("Valable jusqu’au"),
        [Optional()],
        format=["%Y-%m-%d", "%d/%m/%Y"],
        description=_l("Calculé d’après le type de pièce ; changez-le si la pièce dit autre chose."),
    )


class DocumentRefusalForm(FlaskForm):
    """Why it is not accepted: a ready-made reason, a word of one's own, or both."""

    why = RadioField(
        _l("Motif du refus"),
        [InputRequired(_l("Choisissez un motif : la famille le lira."))],
        choices=[
            *(SelectChoice(key, words) for key, words in REASONS.items()),
            SelectChoice(OTHER, _l("Autre motif")),
        ],
    )
    detail = TextAreaField(
        _l("Précision"),
        [Length(max=1000)],
        description=_l("La famille la lit dans l’e-mail, après le motif."),
        render_kw={"rows": 2},
    )

    def validate_detail(self, field: Any) -> None:
        """Ask for words when the reason is another."""
        if self.why.data == OTHER and not (field.data or "").strip():
            raise ValidationError(_l("Écrivez le motif."))

    @property
    def reason(self) -> str:
        """The sentence that the family reads."""
        ready = str(REASONS.get(self.why.data, ""))
        return " ".join(part for part in (ready, (self.detail.data or "").strip()) if part)
