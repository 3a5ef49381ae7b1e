"""Fields and checks that several forms share: e-mail, telephone, code famille, new password."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Field, Form, PasswordField, StringField, TelField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from domain.family.rules import check_password, normalise_phone, read_family_code
from views.errors import field_error

PASSWORD_POLICY = _l(
    "Au choix : 12 caractères avec des majuscules, des minuscules, des chiffres et un signe comme ! ou - ; "
    "14 caractères sans ce signe ; ou une phrase de 7 mots."
)


def strip(value: Any) -> Any:
    """Take the spaces off both ends of what was typed."""
    return value.strip() if isinstance(value, str) else value


def is_family_code(_form: Form, field: Field) -> None:
    """Check the eight figures and the check digit; keep what was typed."""
    if read_family_code(field.data or "") is None:
        raise ValidationError(
            _("Le code famille a 8 chiffres ; il est en haut de votre lettre et de vos factures.")
        )


def is_email(_form: Form, field: Field) -> None:
    """Check the form of an address, without asking the network."""
    try:
        validate_email(field.data or "", check_deliverability=False)
    except EmailNotValidError as error:
        raise ValidationError(
            _("Cette adresse e-mail n’est pas complète, par exemple nom@exemple.fr.")
        ) from error


def is_phone(_form: Form, field: Field) -> None:
    """Check a telephone number, French unless it begins with +."""
    if field.data and normalise_phone(field.data) is None:
        raise ValidationError(_("Ce numéro n’est pas complet, par exemple 06 12 34 56 78."))


PERSONAL = ("email", "given_name", "family_name")


def follows_policy(form: Form, field: Field) -> None:
    """Check a new password against the rules of the CNIL, and against what the form says of its owner.

    A form that knows more of the person than its fields puts it in ``personal``.
    """
    written = [form[name].data or "" for name in PERSONAL if name in form]
    with field_error():
        check_password(field.data or "", [*written, *getattr(form, "personal", ())])


def given_name_field(**more: Any) -> StringField:
    """Return the field of a given name; some people have none."""
    return StringField(
        _l("Prénom"),
        [Length(max=120)],
        filters=[strip],
        description=_l("Laissez vide s’il n’y a qu’un seul nom."),
        **more,
    )


def family_name_field(**more: Any) -> StringField:
    """Return the required field of a family name, or of a person's only name."""
    return StringField(
        _l("Nom de famille"), [InputRequired(_l("Écrivez le nom.")), Length(max=120)], filters=[strip], **more
    )


def email_field(label: Any, **more: Any) -> EmailField:
    """Return a required e-mail field; its ``data`` is in lower case."""
    return EmailField(
        label,
        [InputRequired(_l("Écrivez une adresse e-mail.")), is_email],
        filters=[strip, lambda value: value.lower() if value else value],
        render_kw={"autocomplete": "email"},
        **more,
    )


def phone_field(label: Any, **more: Any) -> TelField:
    """Return an optional telephone field."""
    return TelField(label, [is_phone], filters=[strip], render_kw={"autocomplete": "tel"}, **more)


def new_password_field() -> PasswordField:
    """Return the field of a chosen password."""
    return PasswordField(
        _l("Mot de passe"),
        [InputRequired(_l("Choisissez un mot de passe.")), follows_policy],
        description=PASSWORD_POLICY,
        render_kw={"autocomplete": "new-password"},
    )


def same_password_field(of: str) -> PasswordField:
    """Return the field where the chosen password is typed again."""
    return PasswordField(
        _l("Le même mot de passe, encore une fois"),
        [
            InputRequired(_l("Écrivez-le une seconde fois.")),
            EqualTo(of, _l("Les deux mots de passe ne sont pas les mêmes.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
