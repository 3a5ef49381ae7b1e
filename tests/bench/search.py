"""The search box among 100,000 families, on both databases, beside a bare query by an index."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from domain.family.names import search_key
from domain.family.rules import make_family_code
from domain.search.found import Kind
from domain.search.index import reindex
from domain.search.queries import find
from models.base import Base
from models.family import Child, ChildFamily, Family, FamilyAddress, Guardian
from models.invoices import Invoice
from models.payments import Payment, PaymentTry
from tests.bench.report import Figure
from tests.bench.town import FOLDER
from tests.support.databases import build_schema, make_engine, sqlite_url
from tests.support.postgres import Cluster

FAMILIES, SLICE, TIMES = 100_000, 5_000, 15
MOST_MS = 50
NOW, TODAY = datetime(2026, 8, 24, tzinfo=UTC), date(2026, 11, 28)
STAMP = {"created_at": NOW, "created_by": "bench", "updated_at": NOW, "updated_by": "bench"}
GIVEN = [
    "Jérémy",
    "Léo",
    "Jade",
    "Louise",
    "Gabriel",
    "Emma",
    "Raphaël",
    "Ambre",
    "Arthur",
    "Alba",
    "Louis",
    "Rose",
    "Jules",
    "Alice",
    "Maël",
    "Anna",
    "Adam",
    "Mia",
    "Lina",
    "Inès",
    "Noah",
    "Zoé",
    "Hugo",
    "Agathe",
    "Sacha",
    "Iris",
    "Éden",
    "Olivia",
    "Naël",
    "Romy",
    "Gabin",
    "Jeanne",
    "Ibrahim",
    "Nour",
    "Tiago",
    "Léa",
    "Mohamed",
    "Lou",
    "Aaron",
    "Julia",
]
# A tenth of the families bear one of these, as in a real town; the others have a name built from syllables.
COMMON = [
    "Martin",
    "Bernard",
    "Thomas",
    "Petit",
    "Robert",
    "Richard",
    "Durand",
    "Dubois",
    "Moreau",
    "Laurent",
    "Hernandez",
    "Benali",
    "Nguyen",
    "Diallo",
]
STARTS = [
    "Bar",
    "Bel",
    "Bou",
    "Cha",
    "Cor",
    "Del",
    "Dur",
    "Fau",
    "Gar",
    "Gui",
    "Haml",
    "Jol",
    "Lan",
    "Mar",
    "Mor",
    "Nav",
    "Pel",
    "Ras",
    "Sal",
    "Tho",
    "Val",
    "Ver",
]
MIDDLES = [
    "an",
    "ber",
    "chel",
    "de",
    "en",
    "ger",
    "i",
    "lan",
    "mon",
    "ne",
    "ou",
    "per",
    "qui",
    "ro",
    "se",
    "ti",
    "va",
    "zel",
]
ENDS = ["ard", "aud", "eau", "el", "et", "ette", "ez", "ier", "in", "ois", "on", "ot", "oux", "y"]
ASKED = (
    ("family name", "hernandez"),
    ("name half typed", "herna"),
    ("misspelt name", "hernandes"),
    ("unknown name", "zwyxkovicz"),
    ("given name", "leo"),
    ("one letter", "m"),
    ("beginning of two letters", "ma"),
    ("child, misspelt, and name", "jeremi martin"),
    ("child, and misspelt name", "hernandes leo"),
    ("two misspelt words", "jeremi hernandes"),
    ("two common words", "martin leo"),
    ("two given names", "jade leo"),
    ("two names half typed", "ma le"),
    ("two single letters", "m l"),
    ("name with accents", "Éden Müller"),
    ("two unknown words", "dupont zephyrin"),
    ("three words", "martin leo raphael"),
    ("three words, the last half typed", "martin leo ra"),
    ("three words, two misspelt", "jeremi hernandes martin"),
    ("code famille", make_family_code(54_321)),
    ("telephone", "06 00 05 43 21"),
    ("telephone half typed", "06 00 05"),
    ("e-mail", "p1.54321@exemple.fr"),
    ("e-mail half typed", "p1.543"),
    ("e-mail half typed, with its @", "p1.54321@ex"),
    ("e-mail without its first word", "54321@exemple.fr"),
    ("date of birth", "14/03/2019"),
    ("child and date of birth", "leo 14/03/2019"),
    ("invoice number", "F2026-054321"),
    ("invoice number without its year", "54321"),
    ("payment number", "P2026-054321"),
    ("payment reference", "vir-054321"),
    ("reference of a card payment", "T0000054321"),
)


def measure_search() -> list[Figure]:
    """Measure each kind of text on each database; the ceiling is one row fetched by its key."""
    with _postgres() as url:
        engines = [("SQLite", _sqlite()), ("PostgreSQL", _filled(build_schema(url)))]
        figures = [_figure(name, engine, words, asked) for name, engine in engines for words, asked in ASKED]
        for _name, engine in engines:
            engine.dispose()
    return figures


def _figure(name: str, engine: Engine, words: str, asked: str) -> Figure:
    with Session(engine) as session:
        worked_by = _processor(session)
        bare, _ = _typical(
            lambda: session.execute(text("SELECT name FROM family WHERE id = 54321")).one(), worked_by
        )
        ours, worked = _typical(lambda: find(session, asked, kinds=Kind, today=TODAY), worked_by)
    # On a quiet machine the clock and the processor say the same; on a busy one the clock counts the others' work.
    return Figure(
        f"search of {words}, 100,000 families, {name}",
        f"{ours * 1000:.1f} ms (processor {worked * 1000:.1f} ms)",
        f"{bare * 1000:.1f} ms, one row by its key",
        f"{bare / ours:.0%}",
        f"under {MOST_MS} ms of the processor",
        is_met=worked * 1000 < MOST_MS,
    )


def _processor(session: Session) -> Callable[[], float]:
    """Return what reads the processor's seconds of this process, and of PostgreSQL's own that serves this session."""
    if session.get_bind().dialect.name == "sqlite":
        return time.process_time
    spent = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    return lambda: time.process_time() + int(spent.read_text().split()[0]) / 1e9


def _typical(act: Callable[[], Any], worked_by: Callable[[], float]) -> tuple[float, float]:
    """Return the middle of several times, in seconds on the clock and of the processor, but for the first, which compiles."""
    act()
    clock, worked = [], []
    for _ in range(TIMES):
        start, before = time.perf_counter(), worked_by()
        act()
        clock.append(time.perf_counter() - start)
        worked.append(worked_by() - before)
    return median(clock), median(worked)


def _sqlite() -> Engine:
    """Return the large town in a file, built once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path, done = FOLDER / "search.sqlite", FOLDER / "search.done"
    if done.exists():
        return make_engine(sqlite_url(path))
    for left in FOLDER.glob("search.sqlite*"):
        left.unlink()
    engine = _filled(build_schema(sqlite_url(path)))
    done.touch()
    return engine


@contextmanager
def _postgres() -> Iterator[Any]:
    cluster = Cluster.start()
    try:
        yield cluster.create_database("search")
    finally:
        cluster.stop()


def _filled(engine: Engine) -> Engine:
    """Write the families, then their words."""
    start = time.monotonic()
    dice = random.Random(2026)
    with Session(engine) as session:
        for first in range(1, FAMILIES + 1, SLICE):
            numbers = range(first, first + SLICE)
            _write(session, [_household(dice, number) for number in numbers])
            _papers(session, numbers)
        session.commit()
        written = time.monotonic() - start
        count = reindex(session)
        session.commit()
    # As autovacuum does of itself within minutes.
    tidied = "ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(tidied))
    print(
        f"{engine.dialect.name}: wrote in {written:.0f} s, indexed {count:,} rows in {time.monotonic() - start - written:.0f} s"
    )
    return engine


def _write(session: Session, households: list[list[tuple[type[Base], dict[str, Any]]]]) -> None:
    for model in (Family, FamilyAddress, Guardian, Child, ChildFamily):
        rows = [row | STAMP for household in households for kind, row in household if kind is model]
        session.execute(insert(model), rows)


def _papers(session: Session, numbers: range) -> None:
    """Write an invoice, a bank transfer and a try by card for each family."""
    invoices = [
        {"number": f"F2026-{n:06d}", "series": "F", "fiscal_year": 2026, "sequence": n, "family_id": n, "payer_name": "Famille", "payer_address": "", "family_code": make_family_code(n), "issued_at": NOW, "total_cents": 4_550, "delivery": "electronic"} | STAMP
        for n in numbers
    ]  # fmt: skip
    payments = [
        {"number": f"P2026-{n:06d}", "family_id": n, "means": "transfer", "amount_cents": 4_550, "received_at": NOW, "bank_reference": f"VIR-{n:06d}"} | STAMP
        for n in numbers
    ]  # fmt: skip
    tries = [
        {"reference": f"T{n:010d}", "family_id": n, "amount_cents": 4_550, "transaction": f"{n:08d}", "opened_at": NOW} | STAMP
        for n in numbers
    ]  # fmt: skip
    for model, rows in ((Invoice, invoices), (Payment, payments), (PaymentTry, tries)):
        session.execute(insert(model), rows)


def _household(dice: random.Random, number: int) -> list[tuple[type[Base], dict[str, Any]]]:
    name = _name(dice)
    rows: list[tuple[type[Base], dict[str, Any]]] = [
        (Family, {"id": number, "name": name, "code": make_family_code(number), "former_code": f"A{number}", "search_text": search_key(name), "state": "validated"}),
        (FamilyAddress, {"family_id": number, "line1": f"{number % 90} rue des Écoles", "postcode": "45110", "city": "Saint-Préau", "valid_from": NOW.date()}),
    ]  # fmt: skip
    for rank in (1, 2):
        given, own = dice.choice(GIVEN), name if rank == 1 else _name(dice)
        rows.append(
            (Guardian, {"family_id": number, "rank": rank, "family_name": own, "given_name": given, "email": f"p{rank}.{number}@exemple.fr", "phone": f"+336{rank - 1}{number:07d}", "search_text": search_key(own, given)})
        )  # fmt: skip
    for place in (0, 1):
        key, given = 2 * number + place, dice.choice(GIVEN)
        born_on = date(2014 + dice.randrange(10), 1 + dice.randrange(12), 1 + dice.randrange(28))
        rows.append((Child, {"id": key, "family_name": name, "given_name": given, "born_on": born_on, "search_text": search_key(name, given)}))  # fmt: skip
        rows.append((ChildFamily, {"child_id": key, "family_id": number, "valid_from": NOW.date()}))
    return rows


def _name(dice: random.Random) -> str:
    if dice.random() < 0.1:
        return dice.choice(COMMON)
    return (
        dice.choice(STARTS)
        + "".join(dice.choice(MIDDLES) for _ in range(dice.randrange(3)))
        + dice.choice(ENDS)
    )
