"""A month's invoices for 2,000 families, then for 20,000 and 600,000 bookings, against writing as many rows raw."""

import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from demo.settings import Setting, build_settings
from domain.actor import system
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from domain.reservations.opening import open_days
from models.activities import ActivityDay, ActivityKind
from models.base import stamp_session
from models.family import Child, ChildFamily, Family, FamilyAddress
from models.invoices import Invoice, InvoiceItem, InvoiceLine
from models.quotients import QuotientFamilial
from models.reservations import Reservation
from tests.bench.report import Figure
from tests.bench.town import FOLDER
from tests.support.databases import build_schema, make_engine, sqlite_url
from tests.support.households import ACTOR, AUGUST, instant

SMALL, LARGE = 2_000, 20_000
SMALL_SECONDS, LARGE_SECONDS, MEGABYTES = 10, 100, 300
# The same run takes more or less of the processor's time, as others use the machine.
TOLERANCE = 1.1
DAYS_BOOKED = 30
# So many families are written at once when the town is built.
SLICE = 1_000
NOVEMBER = date(2026, 11, 1)
NOW = instant(date(2026, 12, 5))
STAMP = {"created_at": AUGUST, "created_by": "bench", "updated_at": AUGUST, "updated_by": "bench"}


def measure_invoicing() -> list[Figure]:
    """Run the month of a small town and of one ten times larger: ten times the families, ten times the work."""
    small, large = _measure(SMALL), _measure(LARGE)
    # By the processor's own time: a busy machine makes each of the two runs wait, and not alike.
    times, more = large["worked"] / small["worked"], LARGE // SMALL
    return [
        *_figures(small, SMALL_SECONDS),
        *_figures(large, LARGE_SECONDS),
        Figure(
            f"a month, {more} times the families", f"{times:.1f} × the processor's time", f"{more} ×",
            f"{times / more:.0%}",
            f"{more} ×, give or take a tenth",
            is_met=times <= more * TOLERANCE,
        ),
        Figure(
            f"a month, {more} times the families: peak memory", f"{large['megabytes']} MB",
            f"{small['megabytes']} MB for the small town", f"{large['megabytes'] / small['megabytes']:.1f} ×",
            f"under {MEGABYTES} MB",
            is_met=large["megabytes"] < MEGABYTES,
        ),
    ]  # fmt: skip


def _measure(families: int) -> dict[str, float]:
    """Build a town in one process and run its month in another, so that its peak memory is its own."""
    command = [sys.executable, "-m", "tests.bench.invoicing"]
    subprocess.run([*command, "build", str(families)], check=True)
    done = subprocess.run([*command, "run", str(families)], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _figures(found: dict[str, float], most: int) -> list[Figure]:
    ours, bare, worked = found["seconds"], found["bare_seconds"], found["worked"]
    name = f"a month, {found['families']:,} families, {found['bookings']:,} bookings, SQLite"
    written = f"{found['invoices']:,} invoices, {found['lines']:,} lines, {found['megabytes']} MB"
    return [
        Figure(
            name, f"{ours:.1f} s (preview {found['preview']:.1f} s; processor {worked:.1f} s)", f"{bare:.1f} s, the same rows raw",
            f"{bare / ours:.0%}", f"under {most} s of the processor", is_met=worked < most,
        ),
        Figure("  what it wrote, and its peak memory", written, "–", "–", "–"),
    ]  # fmt: skip


def _build(path: Path, families: int) -> Session:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    session = Session(build_schema(sqlite_url(path)))
    stamp_session(session, ACTOR.label, AUGUST)
    setting = build_settings(session, actor=ACTOR, now=AUGUST)
    activities = [one for one in setting.activities if one.site_id == setting.activities[0].site_id]
    for activity in activities:
        open_days(session, actor=ACTOR, now=AUGUST, activity_id=activity.id)
    days = _days(session, setting)
    for start in range(1, families + 1, SLICE):
        numbers = range(start, min(start + SLICE, families + 1))
        _people(session, numbers)
        _bookings(session, numbers, days)
        session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
    return session


def _people(session: Session, numbers: range) -> None:
    families = [
        {"id": n, "code": f"{n:08d}", "name": f"Famille {n}", "state": "validated", **STAMP} for n in numbers
    ]
    session.execute(insert(Family), families)
    homes = {
        "line1": "1 Rue des Écoles",
        "postcode": "45110",
        "city": "Saint-Préau",
        "valid_from": date(2026, 1, 1),
    }
    session.execute(insert(FamilyAddress), [{"family_id": n, **homes, **STAMP} for n in numbers])
    quotients = [
        {
            "family_id": n,
            "value_cents": 30_000 + n % SMALL * 97,
            "source": "caf",
            "valid_from": date(2026, 9, 1),
            **STAMP,
        }
        for n in numbers
    ]
    session.execute(insert(QuotientFamilial), quotients)
    children = [
        {"id": n, "family_name": f"Famille {n}", "given_name": "Zoé", "born_on": date(2022, 1, 1), **STAMP}
        for n in numbers
    ]
    session.execute(insert(Child), children)
    members = [{"child_id": n, "family_id": n, "valid_from": date(2022, 1, 1), **STAMP} for n in numbers]
    session.execute(insert(ChildFamily), members)


def _days(session: Session, setting: Setting) -> list[Any]:
    """Return the thirty days that each child is booked on: canteen, then garderie."""
    kinds = (ActivityKind.CANTEEN, ActivityKind.MORNING_CHILDCARE, ActivityKind.EVENING_CHILDCARE)
    ids = [
        one.id
        for one in setting.activities
        if one.site_id == setting.activities[0].site_id and one.kind in kinds
    ]
    found = session.execute(
        select(ActivityDay.id, ActivityDay.activity_id, ActivityDay.day)
        .where(
            ActivityDay.activity_id.in_(ids), ActivityDay.day >= NOVEMBER, ActivityDay.day < date(2026, 12, 1)
        )
        .order_by(ActivityDay.activity_id, ActivityDay.day)
        .limit(DAYS_BOOKED)
    )
    return list(found)


def _bookings(session: Session, numbers: range, days: list[Any]) -> None:
    rows = [
        {
            "child_id": n,
            "family_id": n,
            "activity_day_id": day.id,
            "activity_id": day.activity_id,
            "day": day.day,
            "state": "reserved",
            "booked_at": AUGUST,
            **STAMP,
        }
        for n in numbers
        for day in days
    ]
    session.execute(insert(Reservation), rows)


def _issue(session: Session) -> tuple[float, float, float]:
    """Preview, then issue; return the seconds of the first, of both, and those that the processor worked."""
    actor = system("bench")
    start, worked = time.perf_counter(), time.process_time()
    run = preview_run(session, actor=actor, now=NOW, month=NOVEMBER)
    session.commit()
    previewed = time.perf_counter() - start
    start_run(session, actor=actor, now=NOW, run_id=run.id)
    session.commit()
    while issue_next_families(session, actor=actor, now=NOW, run_id=run.id, limit=100):
        session.commit()
    session.commit()
    assert run.issued_total_cents == run.control_total_cents > 0
    return previewed, time.perf_counter() - start, time.process_time() - worked


def _raw(session: Session) -> float:
    """Write the same rows again into bare tables, and commit once."""
    total = 0.0
    for table in ("line", "item"):
        session.execute(text(f"CREATE TABLE bare_{table} AS SELECT * FROM invoice_{table} WHERE 0"))
        rows = [tuple(row) for row in session.execute(text(f"SELECT * FROM invoice_{table}"))]
        session.commit()
        marks = ", ".join("?" * len(rows[0]))
        start = time.perf_counter()
        session.connection().exec_driver_sql(f"INSERT INTO bare_{table} VALUES ({marks})", rows)
        session.commit()
        total += time.perf_counter() - start
    return total


def main(step: str, families: int) -> None:
    """Build the town; or issue its month, and print what was measured as JSON."""
    path = FOLDER / f"month-{families}.sqlite"
    if step == "build":
        FOLDER.mkdir(parents=True, exist_ok=True)
        _build(path, families).close()
        return
    session = Session(make_engine(sqlite_url(path)))
    preview, seconds, worked = _issue(session)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def count(table: type) -> int:
        return session.scalar(select(func.count()).select_from(table)) or 0

    found = {
        "families": count(Family),
        "bookings": count(InvoiceItem),
        "invoices": count(Invoice),
        "lines": count(InvoiceLine),
        "preview": preview,
        "seconds": seconds,
        "worked": worked,
        "megabytes": megabytes,
    }
    print(json.dumps(found | {"bare_seconds": _raw(session)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
