"""Activities, inscriptions, reservations and presence."""

from datetime import date
from typing import Any

from flask import flash
from flask_admin.actions import action
from flask_admin.form import BaseForm
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from domain.reservations.opening import change_day, register_child
from domain.reservations.operations import Choice, cancel_days, reserve_days
from models.activities import Activity, ActivityDay, ActivityFormula, ActivityRegistration, RegistrationState
from models.attendance import Attendance, Presence
from models.family import Child, Family
from models.reservations import Reservation, ReservationState
from views.admin.bases import DESK, FIELD, OperationView, ReadOnlyView
from views.admin.fields import RowField, SearchField
from views.admin.filters import (
    ChoiceFilter,
    DayFilter,
    FromDayFilter,
    NumberFilter,
    RowFilter,
    ToDayFilter,
)
from views.admin.keyset import KeysetList
from views.admin.people_forms import CHILDREN, FAMILIES, family_field
from views.extensions import db
from views.forms.fields import strip
from views.parent.grid import answer_sentence

NO_DAY = "L’activité n’ouvre aucun jour de cette période."


class ActivityDayForm(BaseForm):
    """The places of a day, and why it is closed."""

    places = IntegerField(_l("Places"), [InputRequired(_l("Écrivez le nombre de places."))])
    closed_reason = StringField(
        _l("Fermé, parce que"),
        [Length(max=200)],
        filters=[strip],
        description=_l("Vide : le jour est ouvert. Les réservations d’un jour fermé ne sont pas facturées."),
    )


class ActivityDayScreen(KeysetList, OperationView):
    """The opening days and their places."""

    empty = "Aucun jour ouvert : ouvrez une période depuis la fiche d’une activité."
    readers, writers = FIELD, DESK
    can_edit = True
    edit_form_class = ActivityDayForm
    column_list = ("day", "activity_id", "places", "taken", "closed_reason")
    column_details_list = column_list
    column_filters = (
        DayFilter(ActivityDay.day), FromDayFilter(ActivityDay.day, "Du"), ToDayFilter(ActivityDay.day, "Au"),
        RowFilter(ActivityDay.activity_id, Activity),
    )  # fmt: skip
    linked = {"activity_id": Activity}

    def update(self, form: ActivityDayForm, model: ActivityDay) -> None:
        """Change the places, close or open again; places added go to those who wait."""
        places, reason = form.places.data, form.closed_reason.data or ""
        db.session.expire(model)
        change_day(
            db.session(), activity_day_id=model.id, places=places, closed_reason=reason, **self.signed()
        )


def child_field(endpoint: str) -> SearchField:
    """Return the search for a child, answered by a screen."""
    checks = [DataRequired(_l("Choisissez un enfant."))]
    return SearchField(
        _l("Enfant"), checks, loader=CHILDREN, endpoint=endpoint, description=_l("Nom ou prénom.")
    )


class RegistrationForm(BaseForm):
    """An inscription for the year."""

    family_id = family_field("activityregistration")
    child_id = child_field("activityregistration")
    activity_id = RowField(_l("Activité"), [InputRequired()], model=Activity, is_required=True)


class RegistrationScreen(OperationView):
    """Who is registered for what."""

    empty = (
        "Aucune inscription aux activités : les familles les demandent, ou « Nouvelle fiche » en crée une."
    )
    readers, writers = FIELD, DESK
    can_create = True
    column_list = ("child_id", "family_id", "activity_id", "state", "valid_from", "valid_to")
    column_details_list = (*column_list, "reason", "created_at", "created_by")
    column_sortable_list = ("valid_from",)
    column_filters = (
        ChoiceFilter(ActivityRegistration.state, RegistrationState),
        RowFilter(ActivityRegistration.activity_id, Activity),
        NumberFilter(ActivityRegistration.family_id, "N° de famille"),
    )
    linked = {"child_id": Child, "family_id": Family, "activity_id": Activity}
    create_form_class = RegistrationForm
    form_ajax_refs = {"family": FAMILIES, "child": CHILDREN}

    def create(self, form: RegistrationForm) -> Any:
        """Register a child."""
        return register_child(db.session(), **form.data, **self.signed())


class ReservationForm(BaseForm):
    """A day for a child."""

    family_id = family_field("reservation")
    child_id = child_field("reservation")
    activity_id = RowField(_l("Activité"), [InputRequired()], model=Activity, is_required=True)
    day = DateField(_l("Jour"), [InputRequired(_l("Écrivez le jour."))])
    until = DateField(_l("Jusqu’au"), [Optional()], description=_l("Pour plusieurs jours de suite."))
    formula_id = RowField(
        _l("Formule"),
        [Optional()],
        model=ActivityFormula,
        is_required=False,
        description=_l("Pour un accueil de loisirs : la journée, la matinée…"),
    )


class ReservationScreen(KeysetList, OperationView):
    """The reservations, newest first."""

    empty = "Aucune réservation : elles apparaissent dès qu’une famille réserve un jour."
    readers, writers = FIELD, DESK
    can_create = True
    column_list = ("day", "child_id", "family_id", "activity_id", "state", "booked_at", "cancelled_at")
    column_details_list = (*column_list, "created_by", "updated_at", "updated_by")
    column_filters = (
        DayFilter(Reservation.day), FromDayFilter(Reservation.day, "Du"), ToDayFilter(Reservation.day, "Au"),
        RowFilter(Reservation.activity_id, Activity), ChoiceFilter(Reservation.state, ReservationState),
        NumberFilter(Reservation.family_id, "N° de famille"), NumberFilter(Reservation.child_id, "N° d’enfant"),
    )  # fmt: skip
    linked = {"child_id": Child, "family_id": Family, "activity_id": Activity}
    labels = {"updated_at": "Modifiée le", "updated_by": "Modifiée par"}
    search_hint = "Enfant ou famille"
    create_form_class = ReservationForm
    form_ajax_refs = {"family": FAMILIES, "child": CHILDREN}

    def create_model(self, form: ReservationForm) -> Any:
        """Book the days through the operation; those refused are told one by one, the rest is kept."""
        days = days_between(form.activity_id.data, form.day.data, form.until.data or form.day.data)
        outcome = self.attempt(form, lambda: self._reserve(form, days))
        if not outcome:
            return False
        refused = [answer_sentence(answer) for answer in outcome.refused] if days else [NO_DAY]
        if not outcome.has_changed:
            form.form_errors = [*form.form_errors, *refused]
            return False
        for sentence in refused:
            flash(sentence, "warning")
        return True

    def _reserve(self, form: ReservationForm, days: list[int]) -> Any:
        choices = [Choice(day_id, form.formula_id.data) for day_id in days]
        people = {"child_id": form.child_id.data, "family_id": form.family_id.data}
        return reserve_days(db.session(), choices=choices, **people, **self.signed())

    @action("cancel", "Annuler les réservations choisies")
    def cancel_chosen(self, ids: list[str]) -> None:
        """Cancel through the operation; past the deadline it counts as an absence."""
        self.each(ids, self._cancel, "Annulation faite : %(count)s.")

    def _cancel(self, reservation_id: int) -> None:
        row = db.session.get_one(Reservation, reservation_id)
        people = {"child_id": row.child_id, "family_id": row.family_id}
        outcome = cancel_days(db.session(), day_ids=[row.activity_day_id], **people, **self.signed())
        for answer in outcome.refused:
            flash(answer_sentence(answer), "error")

    def details_actions(self, row: Reservation) -> list[tuple[str, str, bool]]:
        """Offer to cancel what is still booked."""
        live = row.state in (ReservationState.RESERVED, ReservationState.OFFERED)
        return [("cancel", "Annuler la réservation", False)] if live else []


def days_between(activity_id: int, first: date, last: date) -> list[int]:
    """Return the numbers of an activity's days in a period."""
    return list(
        db.session.scalars(
            select(ActivityDay.id)
            .where(ActivityDay.activity_id == activity_id, ActivityDay.day.between(first, last))
            .order_by(ActivityDay.day)
            .limit(366)
        )
    )


class AttendanceScreen(KeysetList, ReadOnlyView):
    """What the roll-call noted."""

    empty = "Aucun pointage : les présences arrivent de l’appel fait sur place."
    readers = FIELD
    column_list = ("day", "child_id", "family_id", "activity_id", "presence", "arrived_at", "left_at")
    column_details_list = column_list
    column_filters = (
        DayFilter(Attendance.day), FromDayFilter(Attendance.day, "Du"), ToDayFilter(Attendance.day, "Au"),
        RowFilter(Attendance.activity_id, Activity), ChoiceFilter(Attendance.presence, Presence),
    )  # fmt: skip
    linked = {"child_id": Child, "family_id": Family, "activity_id": Activity}
