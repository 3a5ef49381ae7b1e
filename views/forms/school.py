"""A child's school: the sector's or another, an address on one's word, and the answers of staff."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from views.forms.fields import strip

SECTOR, OTHER = "sector", "other"


class WishForm(FlaskForm):
    """Which school; another than the sector's needs a motive. The view gives schools and motives."""

    school = RadioField(
        _l("Quelle école demandez-vous ?"),
        [InputRequired(_l("Choisissez l’école de secteur ou une autre école."))],
        choices=[
            SelectChoice(SECTOR, _l("L’école de mon secteur")),
            SelectChoice(OTHER, _l("Une autre école : je demande une dérogation")),
        ],
    )
    wanted_school_id = SelectField(
        _l("École demandée"),
        coerce=lambda value: int(value) if value else None,
        description=_l("Seulement pour une dérogation."),
    )
    motive = SelectField(_l("Motif"), description=_l("Seulement pour une dérogation."))
    details = TextAreaField(
        _l("Précisions"),
        [Length(max=2000, message=_l("Écrivez 2000 caractères au plus."))],
        filters=[strip],
        description=_l("Ce que le service doit savoir pour décider. N’écrivez aucun détail médical."),
        render_kw={"rows": 4},
    )

    @property
    def is_exemption(self) -> bool:
        """Whether another school is asked."""
        return bool(self.school.data == OTHER)


class PapersForm(FlaskForm):
    """An address given on one's word."""

    is_domicile_sworn = BooleanField(
        _l("J’atteste sur l’honneur que l’adresse ci-dessus est celle du domicile de l’enfant")
    )


class SectorSchoolForm(FlaskForm):
    """The school that an agent chooses for an address; ``seen`` is the one that the page showed."""

    school_id = SelectField(_l("École de secteur"), [InputRequired(_l("Choisissez une école."))], coerce=int)
    seen = HiddenField()
