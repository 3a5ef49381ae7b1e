"""The accounts, and those of the staff in particular: roles, sites, a lost telephone."""

from typing import Any

from flask import flash
from flask_admin.actions import action
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import select
from wtforms import BooleanField, EmailField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from domain.accounts import staff
from domain.accounts.sessions import end_all_sessions
from domain.accounts.staff import StaffFacts
from domain.actor import STAFF_ROLES, Role
from domain.install import TITLES
from models.accounts import User
from models.schools import Site
from views.admin.bases import ADMINISTRATORS, OperationView
from views.admin.fields import CheckboxesField
from views.admin.filters import YesNoFilter
from views.extensions import db
from views.forms.fields import is_email, strip
from views.mailing import absolute, send_mail

RESET_HOURS = 2


class StaffForm(BaseForm):
    """A colleague: name, address, roles, sites."""

    display_name = StringField(
        _l("Nom"), [InputRequired(_l("Écrivez le nom.")), Length(max=160)], filters=[strip]
    )
    email = EmailField(
        _l("Adresse e-mail"), [InputRequired(_l("Écrivez l’adresse e-mail.")), is_email], filters=[strip]
    )
    roles = CheckboxesField(_l("Rôles"), [DataRequired(_l("Choisissez au moins un rôle."))], coerce=Role)
    site_ids = CheckboxesField(
        _l("Sites"),
        coerce=int,
        description=_l("Pour l’appel : sans choix, tous les sites."),
    )
    active = BooleanField(_l("Peut se connecter"), default=True)

    def __init__(self, formdata: Any = None, obj: User | None = None, **kwargs: Any) -> None:
        if obj is not None:
            kwargs |= {
                "roles": [Role(name) for name in obj.role_names & {role.value for role in STAFF_ROLES}],
                "site_ids": sorted(staff.sites_of(db.session(), obj.id)),
            }
            kwargs |= {name: getattr(obj, name) for name in ("display_name", "email", "active")}
        super().__init__(formdata, **kwargs)
        self.roles.choices = [SelectChoice(role, TITLES[role]) for role in Role if role in STAFF_ROLES]
        sites = db.session.scalars(select(Site).order_by(Site.name))
        self.site_ids.choices = [SelectChoice(site.id, site.name) for site in sites]

    @property
    def facts(self) -> StaffFacts:
        """What the operation takes."""
        return StaffFacts(
            self.display_name.data or "",
            self.email.data or "",
            frozenset(self.roles.data or ()),
            frozenset(self.site_ids.data or ()),
            bool(self.active.data),
        )


class UserScreen(OperationView):
    """The accounts and their roles; only those of the staff are written here."""

    empty = "Aucun compte : les parents créent le leur, ceux des agents s’ouvrent par « Nouvelle fiche »."
    readers = writers = ADMINISTRATORS
    can_create = can_edit = True
    create_form_class = edit_form_class = StaffForm
    column_list = (
        "display_name",
        "email",
        "username",
        "role_names",
        "active",
        "has_second_factor",
        "last_login_at",
    )
    column_details_list = (*column_list, "confirmed_at", "failed_sign_ins", "locked_until", "pending_email")
    labels = {
        "username": "Code famille", "confirmed_at": "E-mail confirmé le", "failed_sign_ins": "Échecs de connexion",
        "locked_until": "Bloqué jusqu’au", "pending_email": "E-mail à confirmer",
        "has_second_factor": "Double vérification",
    }  # fmt: skip
    column_sortable_list = ("display_name", "email", "last_login_at")
    column_export_list = column_list
    column_filters = (YesNoFilter(User.active),)
    searched = ("display_name", "email", "username")
    search_hint = "Nom, e-mail ou code famille"

    def create(self, form: StaffForm) -> User:
        """Open a colleague's account and send the link that chooses the password."""
        user = staff.create_staff(db.session(), facts=form.facts, **self.signed())
        self._invite(user)
        flash(_("Un e-mail part à %(email)s pour choisir un mot de passe.", email=user.email), "success")
        return user

    def update(self, form: StaffForm, model: User) -> None:
        """Change a colleague's account."""
        staff.update_staff(db.session(), user_id=model.id, facts=form.facts, **self.signed())

    def details_actions(self, row: User) -> list[tuple[str, str, bool]]:
        """Offer what an account may need."""
        reset = [("reset_second_factor", "Remettre à zéro la double vérification", False)]
        return [*(reset if row.has_second_factor else []), ("sign_out", "Déconnecter partout", False)]

    @staticmethod
    def _invite(user: User) -> None:
        token = generate_reset_password_token(user)
        send_mail(
            "staff_invited",
            user.email,
            person_name=user.display_name,
            password_url=absolute("security.reset_password", token=token),
            hours=RESET_HOURS,
        )

    @action("reset_second_factor", "Remettre à zéro la double vérification", "Le téléphone est perdu ?")
    def reset_second_factor(self, ids: list[str]) -> None:
        """Forget lost telephones."""
        self.each(
            ids,
            lambda row_id: staff.reset_second_factor(db.session(), user_id=row_id, **self.signed()),
            "Doubles vérifications remises à zéro : %(count)s.",
        )

    @action("sign_out", "Déconnecter partout", "Déconnecter ces comptes de tous leurs navigateurs ?")
    def sign_out(self, ids: list[str]) -> None:
        """Sign accounts out everywhere."""
        self.each(
            ids,
            lambda row_id: end_all_sessions(db.session(), user_id=row_id, **self.signed()),
            "Comptes déconnectés : %(count)s.",
        )
