"""What the kitchen and the leaders need to know, and the inscriptions that wait: diets, PAI, adults planned."""

import random
from datetime import date, datetime, timedelta

from sqlalchemy import select

from demo.desk import give_document
from demo.families import Builder
from domain.attendance.headcount import staffing
from domain.clock import local_day
from domain.reservations.facts import child_sheet
from domain.reservations.opening import registrable_activities
from models.activities import Activity, ActivityKind, ActivityRegistration, RegistrationState
from models.calendar import Closure, ClosureKind
from models.documents import DocumentRequirement, DocumentType
from models.family import Child, ChildFamily, Diet
from models.health import HealthSheet, Pai
from models.schools import SchoolEnrolment

# Dice of its own: what is told here changes nothing to the rest of the town.
SEED = 45998
DIETS = (Diet.STANDARD, Diet.NO_PORK, Diet.NO_MEAT)
DIET_SHARES = (86, 9, 5)
ALLERGIES = ("Arachide", "Œuf", "Lait de vache", "Fruits à coque", "Piqûres d’abeille")
ALLERGIC, WITH_PAI, PACKED = 0.05, 0.5, 0.3
WAITING_CHILDREN, DAYS_APART = 8, 2


def close_some_days(builder: Builder) -> None:
    """Close the bridge of Ascension everywhere, and a day of works at the leisure centre."""
    year = builder.setting.year.starts_on.year
    centre = builder.setting.sites["Centre de loisirs des Prés"]
    builder.session.add_all((
        Closure(kind=ClosureKind.BRIDGE, reason="Pont de l’Ascension", starts_on=date(year + 1, 5, 7), ends_on=date(year + 1, 5, 7)),
        Closure(site_id=centre.id, kind=ClosureKind.WORKS, reason="Travaux de peinture", starts_on=date(year + 1, 1, 6), ends_on=date(year + 1, 1, 6)),
    ))  # fmt: skip
    builder.session.flush()


def tell_care(builder: Builder) -> None:
    """Give some children a diet without pork or meat, an allergy, and for the gravest a PAI.

    What the older tool's file says of a child is left as it is.
    """
    session, dice = builder.session, random.Random(SEED)
    year = builder.setting.year
    told = select(HealthSheet.child_id).union(select(Pai.child_id))
    for child in session.scalars(select(Child).where(Child.id.not_in(told)).order_by(Child.id)):
        child.diet = dice.choices(DIETS, DIET_SHARES)[0]
        if dice.random() > ALLERGIC:
            continue
        allergy = dice.choice(ALLERGIES)
        session.add(
            HealthSheet(
                child_id=child.id, school_year_id=year.id, allergies=allergy, vaccines_up_to_date=True
            )
        )
        if dice.random() < WITH_PAI:
            session.add(
                Pai(
                    child_id=child.id,
                    instructions=f"{allergy} : trousse d’urgence dans le bureau. Appeler le 15, puis les parents.",
                    brings_packed_meal=child.id not in builder.eager and dice.random() < PACKED,
                    valid_from=year.starts_on,
                    valid_to=year.ends_on + timedelta(days=1),
                )
            )
    session.flush()


def plan_staff(builder: Builder, today: date) -> None:
    """Plan the adults that the coming fortnight's peak asks for; one activity is an adult short."""
    peaks: dict[tuple[str, str], int] = {}
    for one in staffing(builder.session, first=today, end=today + timedelta(days=14)):
        key = one.activity_name, one.site_name
        peaks[key] = max(peaks.get(key, 0), one.needed)
    names = {site.id: name for name, site in builder.setting.sites.items()}
    for activity in builder.setting.activities:
        activity.staff_count = peaks.get((activity.name, names[activity.site_id]))
    busiest = max(builder.setting.activities, key=lambda one: one.staff_count or 0)
    if busiest.staff_count:
        busiest.staff_count -= 1
    builder.session.flush()


def ask_for_wednesdays(builder: Builder, now: datetime) -> None:
    """Let the service agree to the leisure centre's inscriptions from now on, and families ask for some."""
    session = builder.session
    centre = next(one for one in builder.setting.activities if one.kind is ActivityKind.WEDNESDAY_LEISURE)
    centre.is_auto_validated = False
    insurance = session.scalars(select(DocumentType).where(DocumentType.code == "school_insurance")).one()
    session.add(
        DocumentRequirement(
            act="registration", document_type_id=insurance.id, activity_id=centre.id, is_blocking=True
        )
    )
    session.flush()
    pupils = session.execute(
        select(ChildFamily.child_id, ChildFamily.family_id)
        .join(SchoolEnrolment, SchoolEnrolment.child_id == ChildFamily.child_id)
        .where(ChildFamily.family_id.not_in(builder.persona_families))
        .order_by(ChildFamily.family_id.desc(), ChildFamily.child_id)
    )
    asked = 0
    for child_id, family_id in pupils:
        if asked < WAITING_CHILDREN and _may_ask(builder, child_id, family_id, centre, local_day(now)):
            is_waiting = asked % 2 == 0
            give_document(
                builder, insurance, now, is_waiting=is_waiting, family_id=family_id, child_id=child_id
            )
            _ask(
                builder,
                now - timedelta(days=DAYS_APART * asked, minutes=17 * asked),
                child_id,
                family_id,
                centre,
            )
            asked += 1


def _may_ask(builder: Builder, child_id: int, family_id: int, centre: Activity, today: date) -> bool:
    sheet = child_sheet(builder.session, child_id=child_id, family_id=family_id, on=today)
    return sheet is not None and centre.id in {
        one.id for one in registrable_activities(builder.session, sheet, today)
    }


def _ask(builder: Builder, asked_at: datetime, child_id: int, family_id: int, centre: Activity) -> None:
    # Written as it stands: a program counts as staff, whose inscriptions do not wait.
    builder.session.add(
        ActivityRegistration(
            child_id=child_id,
            family_id=family_id,
            activity_id=centre.id,
            state=RegistrationState.REQUESTED,
            valid_from=local_day(asked_at),
            regulation_version=centre.regulation_version,
            regulation_accepted_at=asked_at,
            created_at=asked_at,
        )
    )
    builder.session.flush()
