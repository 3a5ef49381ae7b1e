"""A school enrolment from the wish to the decision (DOMAIN §2, §3 and §9)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.reservations.facts import child_sheet
from domain.schools.decisions import Decision, decide_request, set_sector_school
from domain.schools.papers import enrolment_papers
from domain.schools.queries import request_sheet, waiting_counts, waiting_requests
from domain.schools.requests import (
    Draft,
    Wish,
    require_candidate,
    save_wish,
    submit_request,
    withdraw_request,
)
from domain.schools.rules import Level as RuleLevel
from domain.schools.rules import Standing, Unlocated
from models.audit import AuditEntry
from models.demarches import DemarcheKind, DemarcheState
from models.family import ChildFamily, FamilyAddress
from models.schools import EnrolmentCampaign, EnrolmentState, Level, SchoolEnrolment, SchoolKind
from tests.schools.enrolling import (
    AGENT,
    JULES_FERRY,
    MARIE_CURIE,
    MOTIVE,
    NOW,
    PREVERT,
    TILLEULS,
    VEIL,
    Enrolling,
    make_enrolling,
)
from tests.support.households import instant, make_family


@pytest.fixture
def town(db: Session) -> Enrolling:
    return make_enrolling(db)


def decide(town: Enrolling, demarche_id: int, decision: Decision, reason: str = "") -> SchoolEnrolment:
    return decide_request(
        town.session, actor=AGENT, now=NOW, demarche_id=demarche_id, decision=decision, reason=reason
    )


def move_to(town: Enrolling, line1: str) -> None:
    address = town.session.scalars(
        select(FamilyAddress).where(FamilyAddress.family_id == town.family.id)
    ).one()
    address.line1 = line1
    town.session.flush()


def test_a_child_born_on_29_february_enters_maternelle_the_year_it_turns_three(town: Enrolling) -> None:
    found = town.candidate()

    assert found is not None
    assert (found.level, found.standing) == (RuleLevel.PS, Standing.MAY_ASK)


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2027, 1, 31), Standing.NOT_OPEN_YET),
        (date(2027, 2, 1), Standing.MAY_ASK),
        (date(2027, 4, 30), Standing.MAY_ASK),
        (date(2027, 5, 1), Standing.CLOSED),
    ],
)
def test_the_campaign_opens_and_closes(town: Enrolling, day: date, standing: Standing) -> None:
    found = town.candidate(now=instant(day))

    assert found is not None
    assert found.standing is standing
    if standing is not Standing.MAY_ASK:
        with pytest.raises(Refusal, match="enrolment_(not_open_yet|closed)"):
            require_candidate(
                town.session,
                actor=town.parent,
                now=instant(day),
                family_id=town.family.id,
                child_id=town.child.id,
                starts_in=2027,
            )


def test_a_campaign_of_one_kind_of_school_comes_before_that_of_both(town: Enrolling) -> None:
    town.session.add(
        EnrolmentCampaign(
            school_year_id=town.coming.id,
            kind=SchoolKind.NURSERY,
            opens_at=NOW + timedelta(days=5),
            closes_at=NOW + timedelta(days=9),
        )
    )
    town.session.flush()

    found = town.candidate()

    assert found is not None
    assert found.standing is Standing.NOT_OPEN_YET


def test_a_child_that_goes_on_in_its_school_has_nothing_to_ask(town: Enrolling) -> None:
    ps = town.add_child("Rose", date(2023, 5, 5))
    gs = town.add_child("Noé", date(2021, 5, 5))
    veil = town.add_child("Zoé", date(2021, 7, 5))
    cm2 = town.add_child("Léo", date(2016, 7, 5))
    town.enrol(ps, PREVERT, Level.PS)
    town.enrol(gs, PREVERT, Level.GS)
    town.enrol(veil, VEIL, Level.GS)
    town.enrol(cm2, JULES_FERRY, Level.CM2)

    found = {child.given_name: town.candidate(child) for child in (ps, gs, veil, cm2)}

    assert [one and (one.level.value, one.standing) for one in found.values()] == [
        ("MS", Standing.FOLLOWS),
        ("CP", Standing.MAY_ASK),
        ("CP", Standing.FOLLOWS),
        None,
    ]


def test_a_request_is_numbered_and_knows_its_sector(town: Enrolling) -> None:
    sent = town.ask()

    sheet = request_sheet(town.session, sent.id)
    assert sheet is not None
    assert (sheet.number, sheet.level, sheet.sector_school_name) == (
        "D2027-000001",
        RuleLevel.PS,
        TILLEULS,
    )
    assert sheet.segment is not None
    assert sheet.segment.street == "Rue des Écoles"
    assert sheet.enrolment_state is EnrolmentState.REQUESTED
    assert waiting_counts(town.session).enrolments == 1
    again = town.candidate()
    assert again is not None
    assert again.standing is Standing.ASKED


def test_only_the_three_documents_of_the_law_are_asked(town: Enrolling) -> None:
    papers = enrolment_papers(
        town.session,
        family_id=town.family.id,
        child_id=town.child.id,
        is_exemption=False,
        today=date(2027, 3, 10),
    )

    assert {one.type_code for one in papers.all} <= {
        "identity_child",
        "identity_guardian",
        "proof_of_address",
    }
    assert "identity_child" in {one.type_code for one in papers.missing}


def test_identity_must_be_given_and_domicile_given_or_sworn(town: Enrolling) -> None:
    candidate, draft = town.draft()

    def send(sworn: bool) -> None:
        submit_request(
            town.session,
            actor=town.parent,
            now=NOW,
            family_id=town.family.id,
            candidate=candidate,
            draft=Draft(draft.demarche_id, Wish(), sworn),
        )

    with pytest.raises(Refusal, match="enrolment_documents_missing"):
        send(sworn=True)
    town.give_papers()
    with pytest.raises(Refusal, match="domicile_missing"):
        send(sworn=False)
    town.give("proof_of_address", family_id=town.family.id)
    send(sworn=False)

    assert waiting_counts(town.session).enrolments == 1


def test_a_second_submission_changes_nothing(town: Enrolling) -> None:
    town.give_papers()
    candidate, draft = town.draft()
    facts = {"actor": town.parent, "now": NOW, "family_id": town.family.id}
    submit_request(town.session, candidate=candidate, draft=draft, **facts)

    with pytest.raises(Refusal, match="demarche_already_sent"):
        submit_request(town.session, candidate=candidate, draft=draft, **facts)

    assert len(town.session.scalars(select(SchoolEnrolment)).all()) == 1


def test_the_childs_other_family_cannot_ask_twice(town: Enrolling) -> None:
    other = make_family(town.session, "Petit")
    town.session.add(ChildFamily(child_id=town.child.id, family_id=other.id, valid_from=date(2024, 3, 1)))
    town.session.flush()
    candidate, draft = town.draft()
    town.give_papers()
    town.enrol(town.child, PREVERT, Level.PS, town.coming)

    with pytest.raises(Refusal, match="enrolment_asked"):
        submit_request(
            town.session,
            actor=town.parent,
            now=NOW,
            family_id=town.family.id,
            candidate=candidate,
            draft=draft,
        )


@pytest.mark.parametrize(
    ("school", "motive", "code"),
    [
        (TILLEULS, MOTIVE, "wanted_school_is_sector"),
        (JULES_FERRY, MOTIVE, "school_wrong_level"),
        (PREVERT, "", "motive_missing"),
        (PREVERT, "Un motif inventé", "motive_missing"),
    ],
)
def test_a_derogation_is_checked(town: Enrolling, school: str, motive: str, code: str) -> None:
    candidate = town.candidate()
    assert candidate is not None

    with pytest.raises(Refusal, match=code):
        save_wish(
            town.session,
            actor=town.parent,
            now=NOW,
            family_id=town.family.id,
            candidate=candidate,
            wish=Wish(town.school(school).id, motive),
        )


def test_accepting_enrols_the_child_and_booking_sees_it(town: Enrolling) -> None:
    sent = town.ask()

    enrolment = decide(town, sent.id, Decision.ACCEPT)

    assert (enrolment.state, enrolment.school_id) == (EnrolmentState.VALIDATED, town.school(TILLEULS).id)
    sheet = child_sheet(town.session, child_id=town.child.id, family_id=town.family.id, on=date(2027, 10, 4))
    assert sheet is not None
    assert (sheet.level, sheet.school_id) == ("PS", town.school(TILLEULS).id)
    trail = town.session.scalars(select(AuditEntry.action).where(AuditEntry.family_id == town.family.id))
    assert {"school_enrolment_asked", "school_enrolment_decided"} <= set(trail)


def test_a_granted_derogation_gives_the_wanted_school(town: Enrolling) -> None:
    sent = town.ask(PREVERT)
    assert sent.kind is DemarcheKind.SECTOR_EXEMPTION
    assert waiting_counts(town.session).exemptions == 1

    assert decide(town, sent.id, Decision.GRANT).school_id == town.school(PREVERT).id

    sheet = request_sheet(town.session, sent.id)
    assert sheet is not None
    assert (sheet.is_granted, sheet.state, sheet.school_name) == (True, DemarcheState.ACCEPTED, PREVERT)


def test_a_denied_derogation_leaves_the_sectors_school(town: Enrolling) -> None:
    sent = town.ask(PREVERT)

    with pytest.raises(Refusal, match="reason_missing"):
        decide(town, sent.id, Decision.DENY, "  ")
    enrolment = decide(town, sent.id, Decision.DENY, "L’école est complète.")

    assert (enrolment.state, enrolment.school_id) == (EnrolmentState.VALIDATED, town.school(TILLEULS).id)
    sheet = request_sheet(town.session, sent.id)
    assert sheet is not None
    assert (sheet.is_granted, sheet.state) == (False, DemarcheState.REFUSED)


def test_a_refused_enrolment_may_be_asked_again(town: Enrolling) -> None:
    sent = town.ask()

    decide(town, sent.id, Decision.REFUSE, "L’enfant ne vit plus à cette adresse.")

    assert town.session.scalars(select(SchoolEnrolment.state)).all() == [EnrolmentState.REFUSED]
    again = town.candidate()
    assert again is not None
    assert again.may_ask


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.REFUSE])
def test_of_two_answers_the_second_is_refused(town: Enrolling, decision: Decision) -> None:
    sent = town.ask()
    decide(town, sent.id, Decision.ACCEPT)

    with pytest.raises(Refusal, match="demarche_already_decided"):
        decide(town, sent.id, decision, "Trop tard.")
    with pytest.raises(Refusal, match="demarche_already_decided"):
        withdraw_request(town.session, actor=town.parent, now=NOW, demarche_id=sent.id)


def test_a_derogation_is_not_simply_accepted(town: Enrolling) -> None:
    sent = town.ask(PREVERT)

    with pytest.raises(Refusal, match="decision_not_possible"):
        decide(town, sent.id, Decision.ACCEPT)


def test_an_unknown_street_goes_to_staff_who_choose(town: Enrolling) -> None:
    move_to(town, "3 rue de la Lune")
    sent = town.ask()
    (sheet,) = waiting_requests(town.session)
    assert (sheet.needs_sector, sheet.unlocated) == (True, Unlocated.UNKNOWN_STREET)
    assert waiting_counts(town.session).unlocated == 1
    with pytest.raises(Refusal, match="sector_undecided"), town.session.begin_nested():
        decide(town, sent.id, Decision.ACCEPT)

    def choose(school: str, seen: int | None) -> None:
        set_sector_school(
            town.session,
            actor=AGENT,
            now=NOW,
            demarche_id=sent.id,
            school_id=town.school(school).id,
            seen=seen,
        )

    with pytest.raises(Refusal, match="school_wrong_level"):
        choose(MARIE_CURIE, None)
    choose(PREVERT, None)
    with pytest.raises(Refusal, match="sector_changed_meanwhile"):
        choose(VEIL, None)
    town.session.expire_all()

    assert decide(town, sent.id, Decision.ACCEPT).school_id == town.school(PREVERT).id


def test_withdrawing_frees_the_child(town: Enrolling) -> None:
    sent = town.ask()

    withdraw_request(town.session, actor=town.parent, now=NOW, demarche_id=sent.id)
    town.session.expire_all()

    assert town.session.scalars(select(SchoolEnrolment.state)).all() == [EnrolmentState.WITHDRAWN]
    again = town.candidate()
    assert again is not None
    assert again.may_ask


def test_strangers_and_other_roles_are_refused(town: Enrolling) -> None:
    sent = town.ask()
    stranger = Actor(
        label="user:7", user_id=7, roles=frozenset({Role.PARENT}), family_ids=frozenset({town.family.id + 1})
    )
    cashier = Actor(label="user:8", user_id=8, roles=frozenset({Role.REGISSEUR}))

    with pytest.raises(Refusal, match="not_your_family"):
        withdraw_request(town.session, actor=stranger, now=NOW, demarche_id=sent.id)
    for actor in (stranger, cashier):
        with pytest.raises(Refusal, match="not_allowed"):
            decide_request(town.session, actor=actor, now=NOW, demarche_id=sent.id, decision=Decision.ACCEPT)
