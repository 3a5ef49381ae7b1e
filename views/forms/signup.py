"""The form that opens an account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from views.forms.fields import (
    email_field,
    family_name_field,
    given_name_field,
    new_password_field,
    phone_field,
    same_password_field,
)


class SignUpForm(FlaskForm):
    """Who asks, how to reach them, and their password."""

    given_name = given_name_field(render_kw={"autocomplete": "given-name"})
    family_name = family_name_field(render_kw={"autocomplete": "family-name"})
    phone = phone_field(
        _l("Téléphone"), description=_l("Pour vous joindre si votre enfant a besoin de vous.")
    )
    email = email_field(
        _l("Votre adresse e-mail"), description=_l("Nous y envoyons un lien à ouvrir pour terminer.")
    )
    password = new_password_field()
    password_again = same_password_field("password")
