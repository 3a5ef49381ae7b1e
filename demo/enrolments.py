"""School enrolment for the coming year: the campaign, the motives of a derogation, and who has asked already."""

from datetime import date, datetime, time

from sqlalchemy import select

from demo.desk import give_document
from demo.families import Builder
from demo.schools import Years
from domain.dates import at
from domain.schools.candidates import candidates
from domain.schools.queries import schools_teaching
from domain.schools.requests import Draft, Wish, save_wish, sector_answer, submit_request, swear_domicile
from domain.schools.sectors import FoundSector
from models.documents import DocumentType
from models.family import ChildFamily
from models.schools import EnrolmentCampaign, ExemptionMotive, Level, SchoolEnrolment, SchoolKind

MOTIVES = (
    "Frère ou sœur déjà dans l’école",
    "Mode de garde près de l’école",
    "Lieu de travail d’un parent",
    "Raison de santé",
)
REQUESTS, ONE_DEROGATION_IN = 9, 3


def open_campaign(builder: Builder, years: Years) -> None:
    """Let families ask for a school from All Saints to the end of March."""
    year = years.running.starts_on.year
    builder.session.add(
        EnrolmentCampaign(
            school_year_id=years.coming.id,
            kind=SchoolKind.PRIMARY,
            opens_at=at(date(year, 10, 1), time(8)),
            closes_at=at(date(year + 1, 3, 31), time(18)),
            text="Pour entrer en petite section, et pour passer de la grande section au CP.",
        )
    )
    builder.session.add_all(
        ExemptionMotive(name=name, position=position) for position, name in enumerate(MOTIVES)
    )
    builder.session.flush()


def ask_for_schools(builder: Builder, now: datetime) -> None:
    """Let a few families ask for the CP of their child, one in three at another school."""
    session = builder.session
    identity = session.scalars(select(DocumentType).where(DocumentType.code == "identity_child")).one()
    leaving_nursery = (
        select(ChildFamily.family_id)
        .join(SchoolEnrolment, SchoolEnrolment.child_id == ChildFamily.child_id)
        .where(SchoolEnrolment.level == Level.GS)
        .distinct()
        .order_by(ChildFamily.family_id)
    )
    families = [one for one in session.scalars(leaving_nursery) if one not in builder.persona_families]
    for number, family_id in enumerate(families[:REQUESTS]):
        _ask(builder, now, family_id, identity, wants_other=number % ONE_DEROGATION_IN == 1)


def _ask(
    builder: Builder, now: datetime, family_id: int, identity: DocumentType, *, wants_other: bool
) -> None:
    session, actor = builder.session, builder.actor
    candidate = next((one for one in candidates(session, family_id=family_id, now=now) if one.may_ask), None)
    if candidate is None:
        return
    wish = Wish()
    found = sector_answer(session, family_id=family_id, candidate=candidate, now=now).outcome
    if wants_other and isinstance(found, FoundSector):
        others = [one for one in schools_teaching(session, candidate.level) if one.id != found.school_id]
        wish = Wish(builder.dice.choice(others).id, builder.dice.choice(MOTIVES), "")
    give_document(builder, identity, now, family_id=family_id, child_id=candidate.child_id, is_waiting=True)
    draft = save_wish(session, actor=actor, now=now, family_id=family_id, candidate=candidate, wish=wish)
    swear_domicile(session, actor=actor, family_id=family_id, demarche_id=draft.demarche_id, is_sworn=True)
    submit_request(
        session,
        actor=actor,
        now=now,
        family_id=family_id,
        candidate=candidate,
        draft=Draft(draft.demarche_id, wish, is_domicile_sworn=True),
    )
