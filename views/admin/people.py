"""Families, adults, children, and whoever may fetch them."""

from typing import Any

from flask import abort, request, url_for
from flask_admin import expose
from sqlalchemy import exists, not_, or_, select, true

from domain import clock
from domain.family import operations
from domain.family.queries import family_overview
from domain.recovery.reminders import family_reminders
from models.family import Child, ChildFamily, Family, FamilyState, Guardian, TrustedPerson
from views.access import current_actor
from views.admin.bases import CASHIERS, DESK, FIELD, OFFICE, OperationView, ReadOnlyView
from views.admin.filters import ChoiceFilter, NumberFilter, YesNoFilter
from views.admin.people_forms import (
    CHILDREN,
    FAMILIES,
    ChildForm,
    FamilyForm,
    GuardianForm,
    NewChildForm,
    NewFamilyForm,
    NewGuardianForm,
)
from views.admin.timeline import in_words
from views.extensions import db

# Files that no agent has validated are found among the declarations, or here by their state.
DECLARED = (FamilyState.DRAFT, FamilyState.SUBMITTED)


def _is_declared(family_id: Any) -> Any:
    """Return the condition that a column of numbers names a file that no agent has validated."""
    return exists().where(Family.id == family_id, Family.state.in_(DECLARED))


class WithoutDeclared(ReadOnlyView):
    """A list that leaves out what families only declare; its records open from the declaration."""

    def get_query(self) -> Any:
        """Return the records to list."""
        return super().get_query().filter(self.is_known())

    def get_count_query(self) -> Any:
        """Return their count."""
        return super().get_count_query().filter(self.is_known())

    def is_known(self) -> Any:
        """Return the condition that keeps a record in the list."""
        return not_(_is_declared(self.model.family_id))


class FamilyScreen(WithoutDeclared, OperationView):
    """The files, found by name, code, e-mail, telephone or child; those still declared only by their state."""

    empty = "Aucun dossier de famille. Ouvrez-en un par « Nouvelle fiche », ou importez ceux de l’ancien logiciel."
    readers, writers = OFFICE, DESK
    can_create = can_edit = True
    column_list = ("code", "name", "state", "wants_e_invoice", "former_code", "created_at")
    column_details_list = column_list
    column_sortable_list = ("code", "name", "created_at")
    column_default_sort = ("search_text", False)
    column_filters = (ChoiceFilter(Family.state, FamilyState), YesNoFilter(Family.wants_e_invoice))
    searched = ("search_text",)
    search_hint = "Nom, code, e-mail, téléphone, prénom d’un enfant"
    details_template = "admin/family.html"
    create_form_class, edit_form_class = NewFamilyForm, FamilyForm
    form_ajax_refs = {"family": FAMILIES}

    def is_known(self) -> Any:
        """Keep every file when a state is chosen, else those that an agent has seen."""
        return true() if request.args.get("flt_state") else Family.state.not_in(DECLARED)

    def create(self, form: NewFamilyForm) -> Family:
        """Open a file."""
        facts = {name: value for name, value in form.data.items() if name != "former_code"}
        return operations.create_family(
            db.session(), former_code=form.former_code.data or None, **facts, **self.signed()
        )

    def update(self, form: FamilyForm, model: Family) -> None:
        """Change a file."""
        operations.update_family(db.session(), family_id=model.id, **form.data, **self.signed())

    def get_save_return_url(self, model: Any, is_created: bool = False) -> str:
        """Go to the family's page."""
        return self.get_url(".details_view", id=model.id)

    def may_cash(self) -> bool:
        """Whether the person signed in keeps a desk."""
        return bool(current_actor().roles & CASHIERS)

    @expose("/details/")
    def details_view(self) -> Any:
        """Show a family whole."""
        overview = family_overview(db.session(), request.args.get("id", 0, type=int), clock.today())
        if overview is None:
            abort(404)
        return self.render(
            self.details_template,
            view=overview,
            lines=in_words(overview.timeline),
            reminders=family_reminders(db.session(), overview.family.id),
            return_url=self.get_url(".index_view"),
        )


class GuardianScreen(WithoutDeclared, OperationView):
    """The adults who answer for a family."""

    empty = "Aucun adulte. Ils s’ajoutent avec leur famille, à la main ou par un import."
    readers, writers = OFFICE, DESK
    can_create = can_edit = True
    column_list = ("family_name", "given_name", "family_id", "email", "phone", "is_payer", "user_id")
    column_details_list = (*column_list, "civility", "birth_name", "phone_alt", "wants_reminders", "rank")
    column_sortable_list = ("family_name", "given_name", "email")
    column_default_sort = ("search_text", False)
    column_filters = (YesNoFilter(Guardian.is_payer), NumberFilter(Guardian.family_id, "N° de famille"))
    searched = ("search_text",)
    search_hint = "Nom, prénom ou e-mail"
    labels = {"birth_name": "Nom de naissance"}
    linked = {"family_id": Family}
    create_form_class, edit_form_class = NewGuardianForm, GuardianForm
    form_ajax_refs = {"family": FAMILIES}

    def create(self, form: NewGuardianForm) -> Guardian:
        """Add an adult."""
        family_id = form.family_id.data
        return operations.add_guardian(db.session(), family_id=family_id, **form.facts, **self.signed())

    def update(self, form: GuardianForm, model: Guardian) -> None:
        """Correct an adult."""
        operations.update_guardian(db.session(), guardian_id=model.id, **form.facts, **self.signed())

    def get_save_return_url(self, model: Guardian, is_created: bool = False) -> str:
        """Go to the family's page."""
        return url_for("family.details_view", id=model.family_id)

    def row_links(self, row: Guardian) -> list[tuple[str, str]]:
        """Offer the letter that opens the portal and, from the details page, the file's other adult."""
        if not self.may_write():
            return []
        links = [(url_for("admin_letters.print", guardian_id=row.id), "Imprimer le courrier d’accès")]
        if request.endpoint == "guardian.details_view":
            links.append((url_for("admin_merging.choose", kind="guardian", kept_id=row.id), "Réunir"))
        return links


class ChildScreen(WithoutDeclared, OperationView):
    """The children."""

    empty = "Aucun enfant. Ils s’ajoutent avec leur famille, à la main ou par un import."
    readers, writers = FIELD | OFFICE, DESK
    can_create = can_edit = True
    column_list = ("family_name", "given_name", "born_on", "diet", "allows_photos", "may_leave_alone")
    column_details_list = (*column_list, "sex")
    column_sortable_list = ("family_name", "given_name", "born_on")
    column_default_sort = ("search_text", False)
    column_filters = (YesNoFilter(Child.allows_photos), YesNoFilter(Child.may_leave_alone))
    searched = ("search_text",)
    search_hint = "Nom ou prénom"
    create_form_class, edit_form_class = NewChildForm, ChildForm
    form_ajax_refs = {"family": FAMILIES, "child": CHILDREN}

    def is_known(self) -> Any:
        """Keep a child whose every home is not still declared."""
        homes = exists().where(ChildFamily.child_id == Child.id)
        return or_(not_(homes), homes.where(not_(_is_declared(ChildFamily.family_id))))

    def create(self, form: NewChildForm) -> Child:
        """Add a child."""
        family_id = form.family_id.data
        return operations.add_child(db.session(), family_id=family_id, **form.facts, **self.signed())

    def update(self, form: ChildForm, model: Child) -> None:
        """Correct a child."""
        operations.update_child(db.session(), child_id=model.id, **form.facts, **self.signed())

    def row_links(self, row: Child) -> list[tuple[str, str]]:
        """Lead to the child's families and to its double, from its details page."""
        if request.endpoint != "child.details_view":
            return []
        families = db.session.scalars(
            select(Family)
            .join(ChildFamily, ChildFamily.family_id == Family.id)
            .where(ChildFamily.child_id == row.id)
        )
        links = [(url_for("family.details_view", id=family.id), f"Famille {family}") for family in families]
        if self.may_write():
            links.append((url_for("admin_custody.show", child_id=row.id), "Garde et droits des adultes"))
            links.append((url_for("admin_merging.choose", kind="child", kept_id=row.id), "Réunir"))
        return links


class TrustedPersonScreen(WithoutDeclared):
    """Who may fetch a child, and whom to call."""

    empty = "Aucune personne de confiance : les familles les déclarent dans leur dossier."
    readers = FIELD
    column_list = (
        "full_name",
        "relation",
        "phone",
        "child_id",
        "family_id",
        "may_pick_up",
        "is_emergency_contact",
    )
    column_details_list = column_list
    column_sortable_list = ("full_name",)
    column_filters = (
        YesNoFilter(TrustedPerson.may_pick_up),
        YesNoFilter(TrustedPerson.is_emergency_contact),
    )
    searched = ("full_name",)
    linked = {"child_id": Child, "family_id": Family}
