"""The forms of an invitation: who is invited, and the account that the invited adult opens."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from views.forms.fields import email_field, new_password_field, same_password_field, strip


class InviteForm(FlaskForm):
    """The other adult's address; the names only when the file does not know this adult."""

    given_name = StringField(_l("Son prénom"), [Length(max=120)], filters=[strip])
    family_name = StringField(_l("Son nom"), [Length(max=120)], filters=[strip])
    email = email_field(
        _l("Son adresse e-mail"), description=_l("Une adresse qui n’est qu’à elle ou à lui, pas la vôtre.")
    )

    def __init__(self, *args: Any, asks_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_name:
            required = InputRequired(_l("Écrivez le nom de cet adulte."))
            self.family_name.validators = [required, *self.family_name.validators]
            self.family_name.flags.required = True


class InvitedForm(FlaskForm):
    """The password of a new account."""

    password = new_password_field()
    password_again = same_password_field("password")
