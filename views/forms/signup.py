"""The form that opens an account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from views.forms.fields import email_field, new_password_field, phone_field, same_password_field, strip


class SignUpForm(FlaskForm):
    """Who asks, how to reach them, and their password."""

    given_name = StringField(
        _l("Prénom"),
        [Length(max=120)],
        filters=[strip],
        description=_l("Laissez vide si vous n’avez qu’un seul nom."),
        render_kw={"autocomplete": "given-name"},
    )
    family_name = StringField(
        _l("Nom de famille"),
        [InputRequired(_l("Écrivez votre nom.")), Length(max=120)],
        filters=[strip],
        render_kw={"autocomplete": "family-name"},
    )
    phone = phone_field(
        _l("Téléphone"), description=_l("Pour vous joindre si votre enfant a besoin de vous.")
    )
    email = email_field(
        _l("Votre adresse e-mail"), description=_l("Nous y envoyons un lien à ouvrir pour terminer.")
    )
    password = new_password_field()
    password_again = same_password_field("password")
