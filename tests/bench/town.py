"""The database of the benchmarks: the small town, and three million reservations around it."""

import time
from datetime import date
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from demo.build import build_town
from views.extensions import db

FOLDER = Path(__file__).parents[2] / "var" / "bench"
TODAY = date(2026, 11, 23)
FAMILIES, WANTED = 400, 3_000_000


def settings(name: str) -> dict[str, str]:
    """Return the environment of a portal on the database of this name."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return {
        "PREAU_MODE": "demo",
        "PREAU_VAR_DIR": str(FOLDER),
        "DATABASE_URL": f"sqlite:///{FOLDER / name}.sqlite",
        "PREAU_SIGN_IN_LIMIT": "1000 per minute",
    }


def portal(name: str) -> Flask:
    """Return the portal on the database of this name."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return create_app(
        {"mode": "demo", "var_dir": FOLDER, "database_url": f"sqlite:///{FOLDER / name}.sqlite"}
    )


def make_large_town() -> str:
    """Build the database with three million reservations, once, and keep its schema up to date; return its name."""
    name = "large"
    done = FOLDER / "large.done"
    if done.exists():
        with portal(name).app_context():
            upgrade()
        return name
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob(f"{name}.sqlite*"):
        path.unlink()
    start = time.monotonic()
    app = portal(name)
    with app.app_context():
        upgrade()
        build_town(db.session(), families=FAMILIES, say=lambda _: None, today=TODAY)
        _fill()
        count = db.session.scalar(text("SELECT count(*) FROM reservation"))
    print(f"built {count:,} reservations in {time.monotonic() - start:.0f} s")
    done.touch()
    return name


def _fill() -> None:
    """Write reservations for children of no one's acquaintance, and keep each day's counter true."""
    session = db.session()
    days = session.scalar(text("SELECT count(*) FROM activity_day"))
    children = -(-WANTED // int(days or 1))
    session.execute(
        text(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :children)"
            " INSERT INTO child (family_name, given_name, sex, born_on, diet, allows_photos, may_leave_alone,"
            " search_text, created_at, created_by, updated_at, updated_by)"
            " SELECT 'Foule', 'Enfant ' || i, '', '2018-01-01', 'standard', 0, 0, 'foule enfant ' || i,"
            " '2026-08-24', 'bench', '2026-08-24', 'bench' FROM n"
        ),
        {"children": children},
    )
    session.execute(text("UPDATE activity_day SET places = places + :more"), {"more": children})
    session.execute(
        text(
            "INSERT INTO reservation (child_id, family_id, activity_day_id, activity_id, day, state, booked_at,"
            " created_at, created_by, updated_at, updated_by)"
            " SELECT child.id, 1 + child.id % 400, activity_day.id, activity_day.activity_id, activity_day.day,"
            " 'reserved', '2026-08-24', '2026-08-24', 'bench', '2026-08-24', 'bench'"
            " FROM child CROSS JOIN activity_day WHERE child.family_name = 'Foule'"
        )
    )
    session.execute(text("UPDATE activity_day SET taken = taken + :more"), {"more": children})
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
