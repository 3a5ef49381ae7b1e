"""The forms of the activation page."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from views.forms.fields import email_field, is_family_code, new_password_field, same_password_field, strip


class SecretForm(FlaskForm):
    """What the letter says: code famille and secret."""

    code = StringField(
        _l("Code famille"),
        [InputRequired(_l("Écrivez votre code famille.")), is_family_code],
        filters=[strip],
        description=_l("8 chiffres, en haut de la lettre, par exemple 1002 0174."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    secret = StringField(
        _l("Code secret"),
        [InputRequired(_l("Écrivez le code secret de la lettre."))],
        filters=[strip],
        description=_l("10 lettres et chiffres ; les majuscules et le tiret ne comptent pas."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class AccountForm(FlaskForm):
    """The e-mail and the personal password."""

    # What the letter's owner is called: no password.
    personal: tuple[str, ...] = ()
    email = email_field(
        _l("Votre adresse e-mail"), description=_l("Nous y envoyons un lien à ouvrir pour terminer.")
    )
    password = new_password_field()
    password_again = same_password_field("password")
