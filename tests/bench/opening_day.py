"""``make load``: opening day. Parents sign in, open their home and the month's grid, and save it, all at once.

The portal is served as production serves it, by two processes on this machine, which the parents share: the
figures are those of a town hall's smallest server, with its visitors on its back.
"""

import argparse
import asyncio
import os
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from domain.install import ensure_roles
from domain.reservations.opening import register_child
from models.accounts import User
from models.activities import ActivityKind
from models.family import Guardian
from models.schools import Level
from tests.support.databases import build_schema, sqlite_url
from tests.support.households import (
    ACTOR,
    AUGUST,
    Household,
    instant,
    make_family,
    make_household,
    make_pupil,
)
from tests.support.postgres import Cluster
from tests.support.served import serving

NOW, MONTH = instant(date(2026, 11, 23), 9), date(2026, 12, 1)
KINDS = (ActivityKind.CANTEEN, ActivityKind.EVENING_CHILDCARE)
PASSWORD = "Saint-Preau-2026"
STEPS = ("connexion", "mot de passe", "accueil", "grille", "enregistrer")
DAYS_TICKED = 4
PATIENCE_SECONDS = 300


@dataclass
class Report:
    """How long each step took, in seconds, and what went wrong."""

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def show(self, users: int, seconds: float) -> None:
        """Print a table: a line for each step, in the order in which a parent meets it."""
        count = sum(len(found) for found in self.waits.values())
        print(f"{users} parents, {count} pages in {seconds:.1f} s ({count / seconds:.0f} a second)")
        print(f"  {'step':<14}{'p50':>8}{'p95':>8}{'max':>8}")
        for step in STEPS:
            found = self.waits[step]
            if len(found) > 1:
                p95 = statistics.quantiles(found, n=20)[-1]
                print(f"  {step:<14}{statistics.median(found):>7.2f}s{p95:>7.2f}s{max(found):>7.2f}s")
        print(f"  answers {dict(sorted(self.statuses.items()))}, errors {dict(self.errors) or 'none'}")


@dataclass
class Parent:
    """A person with a browser: its cookies, and one request after the other."""

    port: int
    email: str
    child_id: int
    report: Report
    cookies: dict[str, str] = field(default_factory=dict)

    async def open_the_day(self, delay: float) -> None:
        """Do what everybody does at nine o'clock, or ``delay`` seconds later."""
        await asyncio.sleep(delay)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._visit()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            self.report.errors[f"{type(error).__name__}: {error}"] += 1

    async def _visit(self) -> None:
        page = await self._ask("connexion", "/connexion")
        form = {"csrf_token": token_of(page), "email": self.email, "password": PASSWORD, "next": ""}
        await self._ask("mot de passe", "/connexion", form)
        await self._ask("accueil", "/accueil")
        path = f"/enfants/{self.child_id}/reservations"
        page = await self._ask("grille", f"{path}?m={MONTH:%Y-%m}")
        shown = re.search(r'name="shown" value="([^"]*)"', page)
        if shown is None:
            msg = "no grid"
            raise ValueError(msg)
        form = {
            "csrf_token": token_of(page),
            "month": f"{MONTH:%Y-%m}",
            "shown": shown[1],
            "days": shown[1].split()[:DAYS_TICKED],
        }
        await self._ask("enregistrer", path, form)

    async def _ask(self, step: str, path: str, form: dict[str, object] | None = None) -> str:
        start = time.perf_counter()
        status, text, again_in = await self._request(path, form)
        while again_in and form is None:
            # The page of a waiting room asks again by itself.
            await asyncio.sleep(again_in)
            status, text, again_in = await self._request(path, form)
        self.report.waits[step].append(time.perf_counter() - start)
        self.report.statuses[status] += 1
        if status not in (200, 302):
            msg = f"{step} answered {status}"
            raise ValueError(msg)
        return text

    async def _request(self, path: str, form: dict[str, object] | None) -> tuple[int, str, int]:
        """Send a request; return the status, the page, and in how many seconds to ask again (0: not at all)."""
        body = urlencode(form or {}, doseq=True).encode()
        head = [f"{'POST' if form else 'GET'} {path} HTTP/1.0", f"Host: 127.0.0.1:{self.port}"]
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head += [f"Cookie: {kept}", f"Content-Length: {len(body)}"]
        head += ["Content-Type: application/x-www-form-urlencoded"] if form else []
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write("\r\n".join([*head, "", ""]).encode() + body)
            await writer.drain()
            answer = (await reader.read()).decode()
        finally:
            writer.close()
        headers, _, text = answer.partition("\r\n\r\n")
        if not headers:
            msg = "an empty answer"
            raise ValueError(msg)
        self.cookies |= dict(re.findall(r"(?im)^set-cookie: ([^=]+)=([^;]*)", headers))
        again = re.search(r"(?im)^retry-after: (\d+)", headers)
        return int(headers.split()[1]), text, int(again[1]) if again else 0


def token_of(page: str) -> str:
    """Return what proves that a form is the portal's own."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if found is None:
        msg = "no form"
        raise ValueError(msg)
    return found[1]


def build_town(url: str, folder: Path, count: int) -> list[tuple[str, int]]:
    """Build a town of so many families of one child, registered and ready; return each parent and its child."""
    engine = build_schema(url)
    app = create_app({"mode": "testing", "database_url": url, "var_dir": folder})
    with app.app_context():
        password_hash = hash_password(PASSWORD)
    with Session(engine) as session:
        house = make_household(session)
        for activity in house.setting.activities:
            activity.places = 10 * count
        for kind in KINDS:
            for day in house.days(kind, MONTH, 31):
                day.places = 10 * count
        found = [_family(house, number, password_hash) for number in range(count)]
        session.commit()
    engine.dispose()
    return found


def _family(house: Household, number: int, password_hash: str) -> tuple[str, int]:
    session, email = house.session, f"parent{number}@courriel.example"
    family = make_family(session, f"Famille {number}", email=email)
    child = make_pupil(session, house.setting, family, "Noé", date(2019, 1, 1), Level.CE1)
    for kind in KINDS:
        register_child(
            session,
            actor=ACTOR,
            now=AUGUST,
            child_id=child.id,
            family_id=family.id,
            activity_id=house.activity(kind).id,
        )
    user = User(
        email=email,
        display_name=family.name,
        password=password_hash,
        fs_uniquifier=f"mark-of-{number}",
        confirmed_at=AUGUST,
        roles=[ensure_roles(session)["parent"]],
    )
    session.add(user)
    session.flush()
    session.scalars(select(Guardian).where(Guardian.family_id == family.id)).one().user_id = user.id
    return email, child.id


async def rush(port: int, people: list[tuple[str, int]], over: float) -> tuple[Report, float]:
    """Let everybody come, one after the other within ``over`` seconds; return the waits, and how long it took."""
    report = Report()
    parents = [Parent(port, email, child_id, report) for email, child_id in people]
    start = time.perf_counter()
    apart = over / len(parents)
    await asyncio.gather(*(parent.open_the_day(apart * place) for place, parent in enumerate(parents)))
    return report, time.perf_counter() - start


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty database: a file, or a PostgreSQL of this measure's own."""
    if kind == "sqlite":
        yield sqlite_url(folder / "opening.sqlite")
        return
    cluster = Cluster.start()
    try:
        yield cluster.create_database("opening").render_as_string(hide_password=False)
    finally:
        cluster.stop()


def main() -> None:
    """Build the town, serve it, and let each crowd in turn at its door."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=[350, 1750])
    parser.add_argument("--over", type=float, default=0, help="seconds within which they come")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    # All of them come from one address here.
    os.environ["PREAU_SIGN_IN_LIMIT"] = "1000000 per minute"
    with TemporaryDirectory(prefix="preau-load-") as name, database(options.database, Path(name)) as url:
        people = build_town(url, Path(name), sum(options.users))
        with serving(url, Path(name), NOW) as served:
            for users in options.users:
                crowd, people = people[:users], people[users:]
                report, seconds = asyncio.run(rush(served.port, crowd, options.over))
                report.show(users, seconds)


if __name__ == "__main__":
    main()
