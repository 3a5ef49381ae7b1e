"""The forms of an invitation: who is invited, and the account that the invited adult opens."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from views.forms.fields import email_field, new_password_field, same_password_field, strip


class InviteForm(FlaskForm):
    """The other adult's address; the names only when the file does not know this adult."""

    given_name = StringField(_l("Son prénom"), [Length(max=120)], filters=[strip])
    family_name = StringField(_l("Son nom"), [Length(max=120)], filters=[strip])
    email = email_field(
        _l("Son adresse e-mail"), description=_l("Une adresse qui n’est qu’à elle ou à lui, pas la vôtre.")
    )


class InvitedForm(FlaskForm):
    """The password of a new account."""

    password = new_password_field()
    password_again = same_password_field("password")
