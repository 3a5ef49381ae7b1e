"""Which children of a family may be enrolled in which school year, and where each one stands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.schools.rules import (
    ALL_LEVELS,
    Level,
    SchoolKind,
    Standing,
    Window,
    kind_of,
    level_for,
    next_level,
    standing,
    teaches,
)
from models.calendar import SchoolYear
from models.family import Child, ChildFamily
from models.schools import EnrolmentCampaign, EnrolmentState, School, SchoolEnrolment

LIVE = (EnrolmentState.REQUESTED, EnrolmentState.VALIDATED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child and a school year.

    Attributes:
        level: the level of that year: the one after last year's, else by the birth year.
        school_name: the school decided, or that goes on; empty while there is none.
        demarche_id: the family's own request, when there is one.
        campaign: the window of the kind of school; None when staff opened none.
    """

    child_id: int
    given_name: str
    full_name: str
    born_on: date
    year: SchoolYear
    level: Level
    standing: Standing
    school_name: str
    demarche_id: int | None
    campaign: EnrolmentCampaign | None

    @property
    def kind(self) -> SchoolKind:
        """Maternelle or élémentaire."""
        return kind_of(self.level)

    @property
    def may_ask(self) -> bool:
        """Whether the family may ask now."""
        return self.standing is Standing.MAY_ASK


def candidates(session: Session, *, family_id: int, now: datetime) -> list[Candidate]:
    """Return each child of the family in each year that has or had a campaign and is not over; five queries.

    A child too young for that year, or past CM2, is left out.
    """
    today = local_day(now)
    campaigns = session.scalars(select(EnrolmentCampaign)).all()
    year_ids = {campaign.school_year_id for campaign in campaigns}
    years = session.scalars(select(SchoolYear).order_by(SchoolYear.starts_on)).all()
    asked = [year for year in years if year.id in year_ids and year.ends_on >= today]
    children = _children(session, family_id, today)
    held = _enrolments(session, [child.id for child in children])
    found = []
    for year in asked:
        before = next((one for one in years if one.starts_on.year == year.starts_on.year - 1), None)
        for child in children:
            one = _candidate(child, year, before, held.get(child.id, []), campaigns, now)
            if one is not None:
                found.append(one)
    return found


def find_candidate(
    session: Session, *, family_id: int, child_id: int, starts_in: int, now: datetime
) -> Candidate | None:
    """Return a child of the family in the year that starts in a calendar year; None when there is no such pair."""
    return next(
        (
            one
            for one in candidates(session, family_id=family_id, now=now)
            if one.child_id == child_id and one.year.starts_on.year == starts_in
        ),
        None,
    )


Held = tuple[SchoolEnrolment, School | None]


def _candidate(
    child: Child,
    year: SchoolYear,
    before: SchoolYear | None,
    held: Sequence[Held],
    campaigns: Sequence[EnrolmentCampaign],
    now: datetime,
) -> Candidate | None:
    current = next((pair for pair in held if pair[0].school_year_id == year.id), None)
    last = next(
        (
            (enrolment, school)
            for enrolment, school in held
            if before is not None
            and enrolment.school_year_id == before.id
            and enrolment.state is EnrolmentState.VALIDATED
            and school is not None
        ),
        None,
    )
    if last is not None:
        level = next_level(Level(last[0].level.value))
    else:
        level = level_for(child.born_on, year.starts_on.year)
    if level is None:
        return None
    campaign = _campaign_for(campaigns, year.id, kind_of(level))
    goes_on = last is not None and teaches(last[1].kind.value, level)
    state = current[0].state if current else None
    school = current[1] if current and state is EnrolmentState.VALIDATED else None
    if school is None and current is None and goes_on and last is not None:
        school = last[1]
    return Candidate(
        child_id=child.id,
        given_name=child.given_name or child.family_name,
        full_name=child.full_name,
        born_on=child.born_on,
        year=year,
        level=level,
        standing=standing(
            is_asked=state is EnrolmentState.REQUESTED,
            is_enrolled=state is EnrolmentState.VALIDATED,
            follows=goes_on,
            window=Window(campaign.opens_at, campaign.closes_at) if campaign else None,
            now=now,
        ),
        school_name=school.name if school else "",
        demarche_id=current[0].demarche_id if current else None,
        campaign=campaign,
    )


def _campaign_for(
    campaigns: Sequence[EnrolmentCampaign], year_id: int, kind: SchoolKind
) -> EnrolmentCampaign | None:
    """Return the campaign of a kind of school: its own before the one of both kinds."""
    of_year = {one.kind.value: one for one in campaigns if one.school_year_id == year_id}
    return of_year.get(kind.value) or of_year.get(ALL_LEVELS)


def _children(session: Session, family_id: int, today: date) -> Sequence[Child]:
    return session.scalars(
        select(Child)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(
            ChildFamily.family_id == family_id,
            ChildFamily.valid_from <= today,
            or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > today),
        )
        .order_by(Child.born_on, Child.id)
    ).all()


def _enrolments(session: Session, child_ids: list[int]) -> dict[int, list[Held]]:
    found: defaultdict[int, list[Held]] = defaultdict(list)
    rows = session.execute(
        select(SchoolEnrolment, School)
        .outerjoin(School, School.id == SchoolEnrolment.school_id)
        .where(SchoolEnrolment.child_id.in_(child_ids), SchoolEnrolment.state.in_(LIVE))
    )
    for enrolment, school in rows:
        found[enrolment.child_id].append((enrolment, school))
    return found
