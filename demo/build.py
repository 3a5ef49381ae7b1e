"""Building Saint-Préau, chapter by chapter; the same seed and day give the same town."""

import random
from collections.abc import Callable
from datetime import date, time, timedelta

from flask_security import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demo.care import ask_for_wednesdays, close_some_days, plan_staff, tell_care
from demo.debits import collect_by_debit
from demo.declarations import welcome
from demo.desk import fill_the_desk
from demo.enrolments import ask_for_schools, open_campaign
from demo.families import (
    Builder,
    build_personas,
    build_staff,
    enrol_children,
    generate_families,
    import_older_file,
)
from demo.last_year import remember_last_year
from demo.life import be_late, book, call_the_roll, open_year
from demo.money import issue_months
from demo.people import DEMO_PASSWORD
from demo.prices import grant_aids, prepare_prices
from demo.privacy import keep_privacy
from demo.recovery import recover_debts
from demo.schools import install_maps
from demo.settings import build_settings
from demo.surprises import surprise
from demo.wishes import wish_for_places
from demo.works import let_the_worker_work
from domain.actor import system
from domain.clock import today as real_today
from domain.dates import add_months, at, first_of_month
from models.base import stamp_session
from models.family import Family

SEED = 45999
BEGINNING = at(date(2026, 8, 24), time(9))
# The town lives within its school year; started on another day, it shows this one.
EARLIEST, LATEST, USUAL = date(2026, 10, 5), date(2027, 6, 30), date(2026, 11, 23)


def build_town(
    session: Session, *, families: int, say: Callable[[str], None], today: date | None = None
) -> None:
    """Fill an empty database with the town, and commit chapter by chapter.

    Args:
        families: how many; the older tool's file gives about 410 of them when there is room.
        today: the day the town lives in; the real one when it lies in its school year.
    """
    day = today or real_today()
    day = day if EARLIEST <= day <= LATEST else USUAL
    actor = system("demo")
    stamp_session(session, actor.label, BEGINNING)
    say("Saint-Préau : réglages, calendrier, tarifs…")
    setting = build_settings(session, actor=actor, now=BEGINNING)
    builder = Builder(session, actor, BEGINNING, random.Random(SEED), setting, hash_password(DEMO_PASSWORD))
    open_campaign(builder, install_maps(builder))
    build_staff(builder)
    build_personas(builder)
    say("Familles…")
    if families > 500:
        import_older_file(builder)
    missing = families - (session.scalar(select(func.count()).select_from(Family)) or 0)
    generate_families(builder, max(0, missing))
    enrol_children(builder)
    tell_care(builder)
    close_some_days(builder)
    open_year(builder)
    session.commit()
    _live(builder, day, say)
    session.commit()
    say("La commune est prête.")


def _live(builder: Builder, day: date, say: Callable[[str], None]) -> None:
    """Let three months go by: bookings, roll-calls, the invoices of the months that are over."""
    month = first_of_month(day)
    first = max(add_months(month, -2), builder.setting.year.starts_on)
    end = add_months(month, 1) + timedelta(days=14)
    say("Réservations…")
    say(f"  {book(builder, first, end)} journées réservées")
    remember_last_year(builder)
    builder.session.commit()
    say(f"  {call_the_roll(builder, day)} présences pointées")
    be_late(builder, day)
    builder.session.commit()
    say("Factures et paiements…")
    grant_aids(builder, at(first, time(9)))
    say(f"  {issue_months(builder, first_of_month(first), month, day)} factures émises")
    collect_by_debit(builder, day)
    recover_debts(builder, day)
    surprise(builder, day)
    prepare_prices(builder, at(day, time(8, 30)))
    fill_the_desk(builder, at(day, time(8, 30)))
    ask_for_schools(builder, at(day, time(8, 30)))
    welcome(builder, at(day, time(8, 30)))
    plan_staff(builder, day)
    ask_for_wednesdays(builder, at(day, time(8, 30)))
    wish_for_places(builder, at(day, time(8, 30)))
    keep_privacy(builder, at(day, time(8, 30)))
    let_the_worker_work(builder, at(day, time(8, 30)))
