"""Inscriptions: what they ask for, who answers, and that nothing is booked before the answer."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.reservations.facts import child_sheet
from domain.reservations.opening import register_child, registrable_activities
from domain.reservations.operations import Choice, reserve_days
from domain.reservations.queries import month_grid
from domain.reservations.registrations import (
    accept_regulation,
    decide_registration,
    family_registrations,
    find_registration,
    next_registration,
    registration_documents,
    validated_count,
    waiting_registration_count,
    waiting_registrations,
    withdraw_registration,
)
from domain.reservations.rules import Reason
from models.activities import (
    Activity,
    ActivityKind,
    ActivityRegistration,
    ActivityRegulation,
    RegistrationState,
)
from models.audit import AuditEntry
from models.documents import DocumentState
from tests.support.households import Household, instant, make_household
from tests.support.registering import ask_for_study, give_insurance, require_insurance

KIND = ActivityKind.SUPERVISED_STUDY
TODAY = date(2026, 11, 23)
NOW = instant(TODAY, 11)
AGENT = Actor(label="user:8", user_id=8, roles=frozenset({Role.SCHOOL_AGENT}))
LEADER = Actor(label="user:9", user_id=9, roles=frozenset({Role.ACTIVITY_LEADER}))
STRANGER = Actor(label="user:7", user_id=7, roles=frozenset({Role.PARENT}))


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


@pytest.fixture
def study(house: Household) -> Activity:
    """An activity that the service has to agree to."""
    activity = house.activity(KIND)
    activity.is_auto_validated = False
    house.session.flush()
    return activity


def parent(house: Household) -> Actor:
    return Actor(
        label="user:1", user_id=1, roles=frozenset({Role.PARENT}), family_ids=frozenset({house.family.id})
    )


def ask(
    house: Household, activity: Activity, *, actor: Actor | None = None, read_version: int | None = None
) -> ActivityRegistration:
    return register_child(
        house.session,
        actor=actor or parent(house),
        now=NOW,
        child_id=house.elder.id,
        family_id=house.family.id,
        activity_id=activity.id,
        read_version=read_version,
    )


def decide(
    house: Household, registration_id: int, *, accept: bool = True, reason: str = "", actor: Actor = AGENT
) -> None:
    decide_registration(
        house.session,
        actor=actor,
        now=NOW,
        today=TODAY,
        registration_id=registration_id,
        accept=accept,
        reason=reason,
    )


def refused_for(house: Household, activity: Activity) -> list[Reason | None]:
    day = house.days(ActivityKind(activity.kind), date(2026, 12, 1), 1)[0]
    outcome = reserve_days(
        house.session,
        actor=parent(house),
        now=NOW,
        child_id=house.elder.id,
        family_id=house.family.id,
        choices=[Choice(day.id, None)],
    )
    return [one.reason for one in outcome.refused]


def test_an_activity_validated_by_setting_opens_at_once(house: Household) -> None:
    registration = ask(house, house.activity(KIND))

    assert registration.state is RegistrationState.VALIDATED
    assert (registration.regulation_version, registration.regulation_accepted_at) == (1, NOW)
    assert refused_for(house, house.activity(KIND)) == []


def test_nothing_is_booked_before_the_service_has_agreed(house: Household, study: Activity) -> None:
    assert refused_for(house, study) == [Reason.NOT_REGISTERED]

    registration = ask(house, study)
    assert registration.state is RegistrationState.REQUESTED
    assert refused_for(house, study) == [Reason.REGISTRATION_WAITS]
    grid = month_grid(
        house.session, child_id=house.elder.id, family_id=house.family.id, month=date(2026, 12, 1), now=NOW
    )
    assert grid is not None
    assert (grid.awaited, grid.columns) == (("Étude surveillée",), [])

    decide(house, registration.id)
    assert refused_for(house, study) == []


def test_asking_twice_gives_one_inscription(house: Household, study: Activity) -> None:
    assert ask(house, study).id == ask(house, study).id
    assert waiting_registration_count(house.session) == 1


def test_what_is_asked_for_already_is_not_offered_again(house: Household, study: Activity) -> None:
    def offered() -> set[int]:
        sheet = child_sheet(house.session, child_id=house.elder.id, family_id=house.family.id, on=TODAY)
        assert sheet is not None
        return {one.id for one in registrable_activities(house.session, sheet, TODAY)}

    assert study.id in offered()
    registration = ask(house, study)
    assert study.id not in offered()
    decide(house, registration.id, accept=False, reason="Complet")
    assert study.id in offered()


def test_staff_register_without_waiting_nor_documents(house: Household, study: Activity) -> None:
    require_insurance(house.session, study)

    assert ask(house, study, actor=AGENT).state is RegistrationState.VALIDATED


class TestDocuments:
    def test_what_blocks_is_asked_of_this_activity_only(self, house: Household) -> None:
        study, evening = house.activity(KIND), house.activity(ActivityKind.EVENING_CHILDCARE)
        kind = require_insurance(house.session, study)

        with pytest.raises(Refusal, match="registration_documents_missing"):
            ask(house, study)

        assert ask(house, evening).state is RegistrationState.VALIDATED
        needs = registration_documents(
            house.session,
            family_id=house.family.id,
            child_id=house.elder.id,
            activity_ids=[evening.id, study.id],
            today=TODAY,
        )
        assert [need.is_blocking for need in needs if need.type_id == kind.id] == [True]
        assert len({(need.type_id, need.subject_id) for need in needs}) == len(needs)

    @pytest.mark.parametrize(
        ("held", "state"),
        [
            (DocumentState.ACCEPTED, RegistrationState.VALIDATED),
            (DocumentState.SUBMITTED, RegistrationState.REQUESTED),
        ],
    )
    def test_what_the_service_has_not_looked_at_makes_it_wait(
        self, house: Household, held: DocumentState, state: RegistrationState
    ) -> None:
        study = house.activity(KIND)
        require_insurance(house.session, study)
        give_insurance(house.session, house, house.elder, held)

        assert ask(house, study).state is state

    def test_a_refused_document_must_be_given_again(self, house: Household) -> None:
        require_insurance(house.session, house.activity(KIND))
        give_insurance(house.session, house, house.elder, DocumentState.REFUSED)

        with pytest.raises(Refusal, match="registration_documents_missing"):
            ask(house, house.activity(KIND))

    def test_the_service_accepts_the_document_before_the_inscription(self, house: Household) -> None:
        study = house.activity(KIND)
        require_insurance(house.session, study)
        document = give_insurance(house.session, house, house.elder, DocumentState.SUBMITTED)
        registration = ask(house, study)

        with pytest.raises(Refusal, match="registration_documents_waiting"):
            decide(house, registration.id)
        document.state = DocumentState.ACCEPTED
        decide(house, registration.id)

        assert registration.state is RegistrationState.VALIDATED


class TestAnswers:
    def test_it_is_answered_once_and_by_the_service(self, house: Household, study: Activity) -> None:
        registration = ask(house, study)

        for actor in (STRANGER, LEADER, parent(house)):
            with pytest.raises(Refusal, match="not_allowed"):
                decide(house, registration.id, actor=actor)
        with pytest.raises(Refusal, match="reason_missing"):
            decide(house, registration.id, accept=False, reason="  ")
        decide(house, registration.id, accept=False, reason=" Complet ")
        with pytest.raises(Refusal, match="registration_already_decided"):
            decide(house, registration.id)

        assert (registration.state, registration.reason) == (RegistrationState.REFUSED, "Complet")
        acts = house.session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_id == registration.id).order_by(AuditEntry.id)
        )
        assert list(acts)[-2:] == ["register_child", "refuse_registration"]

    def test_refused_it_may_be_asked_again_and_the_family_sees_the_last(
        self, house: Household, study: Activity
    ) -> None:
        decide(house, ask(house, study).id, accept=False, reason="Complet")
        again = ask(house, study)

        assert [one.id for one in family_registrations(house.session, family_id=house.family.id)] == [
            again.id
        ]

    def test_its_family_alone_takes_it_back_while_it_waits(self, house: Household, study: Activity) -> None:
        registration = ask(house, study)

        with pytest.raises(Refusal, match="not_your_family"):
            withdraw_registration(house.session, actor=STRANGER, now=NOW, registration_id=registration.id)
        withdraw_registration(house.session, actor=parent(house), now=NOW, registration_id=registration.id)
        with pytest.raises(Refusal, match="registration_already_decided"):
            decide(house, registration.id)

        assert family_registrations(house.session, family_id=house.family.id) == []
        assert ask(house, study).id != registration.id

    def test_the_queue_is_in_order_of_arrival_and_leads_from_one_to_the_next(
        self, house: Household, study: Activity
    ) -> None:
        first, second = ask_for_study(house, house.elder), ask_for_study(house, house.younger)

        assert [one.id for one in waiting_registrations(house.session, 10)] == [first, second]
        assert [one.id for one in waiting_registrations(house.session, 1)] == [first]
        sheets = [find_registration(house.session, one) for one in (first, second)]
        assert [next_registration(house.session, one) for one in sheets if one] == [second, first]
        decide(house, second)
        assert next_registration(house.session, sheets[0]) is None  # type: ignore[arg-type]
        assert validated_count(house.session, study.id) == 1


class TestRegulation:
    def test_every_version_is_kept_and_a_newer_one_is_asked_again(
        self, house: Household, study: Activity
    ) -> None:
        registration = ask(house, study, read_version=1)
        decide(house, registration.id)
        study.regulation = "Les enfants apportent leur goûter."
        house.session.flush()

        sheet = find_registration(house.session, registration.id)
        assert sheet is not None
        assert (sheet.accepted_version, sheet.version, sheet.has_newer_regulation) == (1, 2, True)
        # What was agreed stays open meanwhile: a corrected comma must not close the canteen to a whole town.
        assert refused_for(house, study) == []

        for _ in range(2):
            accept_regulation(
                house.session, actor=parent(house), now=NOW, registration_id=registration.id, read_version=2
            )
        sheet = find_registration(house.session, registration.id)
        assert sheet is not None
        assert not sheet.has_newer_regulation
        kept = select(func.count()).select_from(ActivityRegulation)
        assert house.session.scalar(kept.where(ActivityRegulation.activity_id == study.id)) == 2
        accepted = (
            select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "accept_regulation")
        )
        assert house.session.scalar(accepted) == 1

    def test_what_nobody_has_read_is_not_accepted(self, house: Household, study: Activity) -> None:
        study.regulation = "Les enfants apportent leur goûter."
        house.session.flush()

        with pytest.raises(Refusal, match="regulation_changed"):
            ask(house, study, read_version=1)
        registration = ask(house, study, read_version=2)
        with pytest.raises(Refusal, match="regulation_changed"):
            accept_regulation(
                house.session, actor=parent(house), now=NOW, registration_id=registration.id, read_version=1
            )
        with pytest.raises(Refusal, match="not_your_family"):
            accept_regulation(
                house.session, actor=STRANGER, now=NOW, registration_id=registration.id, read_version=2
            )
