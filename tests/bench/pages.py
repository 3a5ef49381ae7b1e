"""The parent's month grid and the back office's list of reservations, in a town of three million of them."""

import time
from statistics import median

from sqlalchemy import select, text

from demo.people import parent_email
from models.accounts import User
from tests.bench.report import Figure
from tests.bench.server import requests_per_second, serving, sign_in
from tests.bench.town import make_large_town, portal, settings
from tests.support.pages import Visitor
from tests.support.queries import recorded_statements
from views.extensions import db

TURNS = 3
LEAST_SHARE, MOST_STATEMENTS = 0.3, 8
MONTH = "/enfants/1/reservations?m=2026-11"


def measure_grid() -> list[Figure]:
    """Measure a parent's month against a bare route with as many cells; count its queries."""
    name = make_large_town()
    app = portal(name)
    with app.app_context():
        alice = db.session.scalars(select(User).where(User.email == parent_email("alice"))).one()
    client = Visitor(app).sign_in(alice).client
    html = client.get(MONTH).text
    with recorded_statements() as statements:
        client.get(MONTH)
    cells, rows = html.count('role="cell"'), html.count('scope="row"')
    shape = {"BENCH_ROWS": str(rows), "BENCH_COLUMNS": str(max(1, round(cells / rows)))}
    bare, ours = _in_turns(shape, settings(name))
    return [
        Figure(
            f"month grid, {cells} cells, 3 M reservations",
            f"{ours:.0f} requests/s",
            f"{bare:.0f} requests/s, bare Flask route",
            f"{ours / bare:.0%}",
            "30 % or more",
            is_met=ours / bare >= LEAST_SHARE,
        ),
        Figure(
            "month grid, SQL statements",
            str(len(statements)),
            "–",
            "–",
            f"{MOST_STATEMENTS} or fewer",
            is_met=len(statements) <= MOST_STATEMENTS,
        ),
    ]


def _in_turns(shape: dict[str, str], env: dict[str, str]) -> tuple[float, float]:
    """Return requests a second of the bare route and of ours: medians of turns, as the machine's speed wanders."""
    bare, ours = [], []
    for _ in range(TURNS):
        with serving("tests.bench.bare:create_bare", "/", shape) as port:
            bare.append(requests_per_second(port, "/"))
        with serving("app:create_web", "/sante", env) as port:
            cookie = sign_in(port, parent_email("alice"))
            ours.append(requests_per_second(port, MONTH, cookie))
    return median(bare), median(ours)


def measure_list() -> list[Figure]:
    """Measure the list of reservations, first page and a deep one, against the bare query of fifty rows."""
    app = portal(make_large_town())
    with app.app_context():
        admin = db.session.scalars(select(User).where(User.email == "admin@saint-preau.example")).one()
        query = "SELECT * FROM reservation ORDER BY id DESC LIMIT 50"
        bare = _best(lambda: db.session.execute(text(query)).all())
    client = Visitor(app).sign_in(admin).client
    figures = []
    for words, path in (
        ("first page", "/admin/reservation/"),
        ("deep page", "/admin/reservation/?after=1500000"),
    ):
        assert client.get(path).status_code == 200
        ours = _best(lambda path=path: client.get(path))
        figures.append(
            Figure(
                f"list of 3 M reservations, {words}",
                f"{ours * 1000:.0f} ms",
                f"{bare * 1000:.1f} ms, bare query of 50 rows",
                f"{bare / ours:.0%}",
                "–",
            )
        )
    return figures


def _best(act: object, times: int = 7) -> float:
    """Return the shortest of several times, in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        act()  # type: ignore[operator]
        found.append(time.perf_counter() - start)
    return min(found)
