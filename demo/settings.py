"""Saint-Préau's settings: sites, schools, delays, price grids and activities.

The grids are those that real communes published; docs/tarifs.md says which.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from demo.town import desk_hours, town
from domain.actor import Actor
from domain.calendar.operations import seed_school_year
from domain.recovery.defaults import ensure_levels
from models.activities import (
    Activity,
    ActivityFormula,
    ActivityKind,
    DayBase,
    NoticeKind,
    NoticeRule,
    OpenPeriod,
)
from models.calendar import Closure, ClosureKind, SchoolYear
from models.documents import DocumentRequirement, DocumentSubject, DocumentType, Validity
from models.schools import School, SchoolKind, Site
from models.tariffs import (
    PriceMethod,
    PriceResidence,
    PriceRule,
    PriceSituation,
    SiblingDiscount,
    Tariff,
    TariffBand,
    TariffVersion,
)

FIRST_DAY = date(2026, 9, 1)
FOUR_DAYS = 0b0011011  # Monday, Tuesday, Thursday, Friday
WEDNESDAY = 0b0000100
REGULATION = (
    "Les réservations se font jusqu’à la date limite affichée. Toute absence non annulée à temps est facturée, "
    "sauf justificatif. Les enfants ne sont remis qu’à leurs responsables ou aux personnes autorisées."
)


@dataclass(frozen=True)
class Setting:
    """What later chapters of the demonstration need of the settings."""

    year: SchoolYear
    sites: dict[str, Site]
    schools: dict[str, School]
    activities: list[Activity]


SCHOOLS = (
    ("Maternelle Jacques Prévert", "0450001A", SchoolKind.NURSERY, "8 rue des Écoles"),
    ("Maternelle Les Tilleuls", "0450002B", SchoolKind.NURSERY, "2 allée des Tilleuls"),
    ("Groupe scolaire Simone Veil", "0450003C", SchoolKind.PRIMARY, "41 boulevard Victor Hugo"),
    ("Élémentaire Jules Ferry", "0450004D", SchoolKind.ELEMENTARY, "12 rue des Écoles"),
    ("Élémentaire Marie Curie", "0450005E", SchoolKind.ELEMENTARY, "55 rue de la Libération"),
)


def build_settings(session: Session, *, actor: Actor, now: datetime) -> Setting:
    """Write the town and its settings; the families come afterwards."""
    session.add_all([town(), *desk_hours()])
    ensure_levels(session)
    year = seed_school_year(session, actor=actor, now=now, first_year=2026, zone="B")
    sites, schools = _sites_and_schools(session)
    session.add(
        Closure(
            kind=ClosureKind.BRIDGE,
            reason="Pont du 11 novembre",
            starts_on=date(2026, 11, 12),
            ends_on=date(2026, 11, 12),
            site_id=sites["Centre de loisirs des Prés"].id,
        )
    )
    _document_types(session)
    notices = _notices(session)
    tariffs = _tariffs(session)
    activities = _activities(session, year, sites, notices, tariffs)
    session.flush()
    return Setting(year=year, sites=sites, schools=schools, activities=activities)


def _sites_and_schools(session: Session) -> tuple[dict[str, Site], dict[str, School]]:
    sites = {name: Site(name=name, address=address) for name, _, _, address in SCHOOLS}
    sites["Centre de loisirs des Prés"] = Site(name="Centre de loisirs des Prés", address="3 chemin des Prés")
    session.add_all(sites.values())
    session.flush()
    schools = {
        name: School(name=name, uai=uai, kind=kind, site_id=sites[name].id) for name, uai, kind, _ in SCHOOLS
    }
    session.add_all(schools.values())
    session.flush()
    return sites, schools


DOCUMENT_TYPES = (
    (
        "identity_child",
        "Livret de famille ou acte de naissance",
        DocumentSubject.CHILD,
        Validity.FOR_EVER,
        None,
    ),
    (
        "proof_of_address",
        "Justificatif de domicile de moins de 3 mois",
        DocumentSubject.FAMILY,
        Validity.MONTHS,
        3,
    ),
    (
        "vaccination",
        "Carnet de santé, pages des vaccinations",
        DocumentSubject.CHILD,
        Validity.FOR_EVER,
        None,
    ),
    ("quotient", "Attestation CAF ou avis d’imposition", DocumentSubject.FAMILY, Validity.MONTHS, 12),
    (
        "school_insurance",
        "Attestation d’assurance scolaire",
        DocumentSubject.CHILD,
        Validity.SCHOOL_YEAR,
        None,
    ),
    ("custody", "Jugement fixant la garde", DocumentSubject.CHILD, Validity.FOR_EVER, None),
    ("pai", "Projet d’accueil individualisé (PAI)", DocumentSubject.CHILD, Validity.SCHOOL_YEAR, None),
    ("health_sheet", "Fiche sanitaire de liaison", DocumentSubject.CHILD, Validity.SCHOOL_YEAR, None),
    ("absence_certificate", "Justificatif d’absence", DocumentSubject.CHILD, Validity.FOR_EVER, None),
    ("employer", "Attestation de l’employeur", DocumentSubject.GUARDIAN, Validity.MONTHS, 12),
    ("bank_details", "Relevé d’identité bancaire (RIB)", DocumentSubject.FAMILY, Validity.FOR_EVER, None),
)


def _document_types(session: Session) -> None:
    kinds = [
        DocumentType(
            code=code,
            name=name,
            subject=subject,
            validity=validity,
            validity_months=months,
            is_health=code in ("pai", "health_sheet", "vaccination"),
            position=position,
        )
        for position, (code, name, subject, validity, months) in enumerate(DOCUMENT_TYPES)
    ]
    session.add_all(kinds)
    session.flush()
    by_code = {kind.code: kind for kind in kinds}
    needs = (
        ("school_enrolment", "identity_child", True),
        ("school_enrolment", "proof_of_address", False),
        ("family_declaration", "identity_child", True),
        ("family_declaration", "proof_of_address", True),
        ("declared_separation", "custody", False),
        ("declared_pai", "pai", False),
        ("address_change", "proof_of_address", True),
        ("registration", "school_insurance", False),
        ("registration", "health_sheet", False),
        ("quotient", "quotient", False),
    )
    session.add_all(
        DocumentRequirement(act=act, document_type_id=by_code[code].id, is_blocking=blocks)
        for act, code, blocks in needs
    )


def _notices(session: Session) -> dict[str, NoticeRule]:
    rules = {
        "two_working": NoticeRule(
            name="2 jours ouvrés avant, 10 h",
            kind=NoticeKind.DAYS_BEFORE,
            base=DayBase.WORKING,
            count=2,
            at_minutes=600,
        ),
        "school_day": NoticeRule(
            name="Jour d’école précédent, 11 h",
            kind=NoticeKind.DAYS_BEFORE,
            base=DayBase.SCHOOL,
            count=1,
            at_minutes=660,
        ),
        "thursday": NoticeRule(
            name="Jeudi minuit de la semaine d’avant",
            kind=NoticeKind.WEEKLY,
            weekday=3,
            count=1,
            at_minutes=1440,
        ),
        "same_day": NoticeRule(
            name="Le jour même, 7 h",
            kind=NoticeKind.DAYS_BEFORE,
            base=DayBase.CALENDAR,
            count=0,
            at_minutes=420,
        ),
    }
    session.add_all(rules.values())
    session.flush()
    return rules


def _rule(**values: object) -> PriceRule:
    defaults: dict[str, object] = {
        "residence": PriceResidence.ANY,
        "situation": PriceSituation.NORMAL,
        "formula_key": "",
    }
    return PriceRule(**(defaults | values), bands=[])


def _effort(rate_ppm: int, floor: int, ceiling: int, **values: object) -> PriceRule:
    return _rule(
        method=PriceMethod.EFFORT, rate_ppm=rate_ppm, floor_cents=floor, ceiling_cents=ceiling, **values
    )


def _flat(cents: int, **values: object) -> PriceRule:
    return _rule(method=PriceMethod.FLAT, amount_cents=cents, **values)


def _bands(steps: tuple[tuple[int, int], ...], **values: object) -> PriceRule:
    rule = _rule(method=PriceMethod.BANDS, **values)
    ends = [low for low, _ in steps[1:]] + [None]
    rule.bands = [
        TariffBand(low_cents=low, high_cents=high, amount_cents=cents)
        for (low, cents), high in zip(steps, ends, strict=True)
    ]
    return rule


def _tariffs(session: Session) -> dict[str, Tariff]:
    outside, unreserved, pai = PriceResidence.NON_RESIDENT, PriceSituation.UNRESERVED, PriceSituation.PAI
    grids = {
        "meal": ("Restauration scolaire", "repas", "repas", [
            _effort(3600, 260, 450),
            _flat(680, residence=outside),
            _flat(175, situation=pai),
            _flat(505, situation=unreserved),
        ]),
        "childcare": ("Garderie", "présence", "présences", [
            _rule(method=PriceMethod.SLICE, amount_cents=115, slice_minutes=30),
            _flat(1000, situation=PriceSituation.LATE),
            _rule(method=PriceMethod.PERCENT, percent_bp=15000, situation=unreserved),
        ]),
        "study": ("Étude surveillée", "étude", "études", [
            _bands(((0, 150), (60000, 210), (100000, 240), (150000, 270))),
            _flat(320, residence=outside),
            _rule(method=PriceMethod.PERCENT, percent_bp=15000, situation=unreserved),
        ]),
        "leisure": ("Accueil de loisirs du mercredi", "journée", "journées", [
            _effort(11529, 320, 1590),
            _flat(2200, residence=outside),
            _effort(2870, 100, 597, formula_key="half_day"),
            _flat(900, formula_key="half_day", residence=outside),
            _rule(method=PriceMethod.PERCENT, percent_bp=15000, situation=unreserved),
        ]),
    }  # fmt: skip
    tariffs = {}
    for key, (name, unit, units, rules) in grids.items():
        version = TariffVersion(
            valid_from=FIRST_DAY, deliberation="Délibération du 22 juin 2026", rules=rules
        )
        tariffs[key] = Tariff(name=name, unit_name=unit, units_name=units, versions=[version])
    session.add_all(tariffs.values())
    session.flush()
    session.add(
        SiblingDiscount(tariff_id=tariffs["leisure"].id, from_rank=2, percent_bp=1000, valid_from=FIRST_DAY)
    )
    return tariffs


# A late pick-up of the evening is billed from five minutes after the closing.
LATE_AFTER = 5


@dataclass(frozen=True)
class Offer:
    """An activity that every school (or the leisure centre) has."""

    kind: ActivityKind
    name: str
    short_name: str
    start: time
    end: time
    booking: str
    cancelling: str
    tariff: str
    share: int


OFFERS = (
    Offer(ActivityKind.MORNING_CHILDCARE, "Garderie du matin", "Matin", time(7, 30), time(8, 20), "same_day", "same_day", "childcare", 60),
    Offer(ActivityKind.CANTEEN, "Restauration", "Cantine", time(11, 45), time(13, 30), "two_working", "two_working", "meal", 180),
    Offer(ActivityKind.SUPERVISED_STUDY, "Étude surveillée", "Étude", time(16, 30), time(18, 0), "school_day", "school_day", "study", 48),
    Offer(ActivityKind.EVENING_CHILDCARE, "Garderie du soir", "Soir", time(16, 30), time(18, 30), "school_day", "school_day", "childcare", 90),
)  # fmt: skip


def _activities(
    session: Session,
    year: SchoolYear,
    sites: dict[str, Site],
    notices: dict[str, NoticeRule],
    tariffs: dict[str, Tariff],
) -> list[Activity]:
    activities = []
    for position, offer in enumerate(OFFERS):
        for name, _, kind, _ in SCHOOLS:
            if offer.kind == ActivityKind.SUPERVISED_STUDY and kind == SchoolKind.NURSERY:
                continue
            is_study = offer.kind == ActivityKind.SUPERVISED_STUDY
            is_evening = offer.kind == ActivityKind.EVENING_CHILDCARE
            activities.append(
                Activity(
                    school_year_id=year.id,
                    site_id=sites[name].id,
                    kind=offer.kind,
                    name=offer.name,
                    short_name=offer.short_name,
                    period=OpenPeriod.SCHOOL,
                    weekdays=FOUR_DAYS,
                    starts_at=offer.start,
                    ends_at=offer.end,
                    places=offer.share,
                    levels="CP CE1 CE2 CM1 CM2" if is_study else "",
                    min_age_months=24,
                    booking_notice_id=notices[offer.booking].id,
                    cancel_notice_id=notices[offer.cancelling].id,
                    tariff_id=tariffs[offer.tariff].id,
                    late_after_minutes=LATE_AFTER if is_evening else None,
                    under_six_per_staff=10,
                    six_and_over_per_staff=14,
                    regulation=REGULATION,
                    position=position,
                )
            )
    activities.append(_leisure_centre(year, sites, notices, tariffs))
    session.add_all(activities)
    session.flush()
    session.add_all(
        ActivityFormula(
            activity_id=activities[-1].id,
            key=key,
            name=name,
            starts_at=start,
            ends_at=end,
            has_meal=meal,
            meal_share_cents=350 if meal else 0,
        )
        for key, name, start, end, meal in (
            ("day", "Journée avec repas", time(8, 0), time(18, 0), True),
            ("half_day", "Matinée sans repas", time(8, 0), time(12, 0), False),
        )
    )
    return activities


def _leisure_centre(
    year: SchoolYear, sites: dict[str, Site], notices: dict[str, NoticeRule], tariffs: dict[str, Tariff]
) -> Activity:
    return Activity(
        school_year_id=year.id,
        site_id=sites["Centre de loisirs des Prés"].id,
        kind=ActivityKind.WEDNESDAY_LEISURE,
        name="Accueil de loisirs du mercredi",
        short_name="Mercredi",
        period=OpenPeriod.SCHOOL,
        weekdays=WEDNESDAY,
        starts_at=time(8, 0),
        ends_at=time(18, 0),
        places=150,
        min_age_months=36,
        max_age_months=155,
        booking_notice_id=notices["thursday"].id,
        cancel_notice_id=notices["thursday"].id,
        tariff_id=tariffs["leisure"].id,
        under_six_per_staff=8,
        six_and_over_per_staff=12,
        regulation=REGULATION,
        position=len(OFFERS),
    )
