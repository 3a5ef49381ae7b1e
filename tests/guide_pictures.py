"""``make guide-pictures``: the guides' pictures, taken of the demonstration town on a fixed day.

The town is built in a folder of its own and lives on ``NOW``, so that the same program gives the same pictures.
Chromium writes dates as the French do only with Debian's ``chromium-l10n``.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

from demo.build import build_town
from demo.people import STAFF, parent_email
from domain import clock
from gateways.guides import PICTURES, TELEPHONE
from models.accounts import User
from models.base import Base
from tests.pages.look import served_app
from tests.support.databases import sqlite_url
from tests.support.pages import Visitor, sign_in_row
from tests.support.work import do_jobs
from views.extensions import db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FAMILIES = 120
MOST_BYTES = 90_000
WORKER = "worker"
QUALITY = 78
ADMINISTRATOR, AGENT, REGISSEUR, LEADER = (person.email for person in STAFF)


@dataclass(frozen=True)
class Shot:
    """One picture: who looks, at what, and how much of it.

    Args:
        name: the picture's file, without its end; ``tel-`` begins that of a telephone.
        who: the e-mail of the person signed in; empty for a visitor.
        steps: what to do from there: words of a link to follow, ``css:`` before what to click, ``fill:`` or
            ``choose:`` before a field and what to put in it, ``worker`` to let the worker do what waits.
        height: of the picture, in pixels of the page.
        start: what must stand at the top of the picture, as a selector; empty for the top of the page.
    """

    name: str
    who: str
    path: str
    steps: tuple[str, ...] = ()
    height: int = 760
    start: str = ""


ALICE, CHLOE, EMMA = (parent_email(name) for name in ("alice", "chloe", "emma"))
FIRST_CHILD = "css:main .todo a >> nth=0"
SHOTS = (
    Shot("tel-activer", "", "/activer", height=720),
    Shot("tel-connexion", "", "/connexion", height=525),
    Shot("tel-declaration", EMMA, "/declaration", height=760),
    Shot("mois", ALICE, "/reservations", (FIRST_CHILD, "Décembre"), 820),
    Shot("tel-mois", ALICE, "/reservations", (FIRST_CHILD, "Décembre"), 780, "#semaine-50"),
    Shot(
        "tel-facture",
        ALICE,
        "/factures",
        ("css:a.whole >> nth=0", "css:.receipt-lines summary >> nth=0"),
        980,
    ),
    Shot("tel-accueil", ALICE, "/accueil", height=860),
    Shot("tel-garde", CHLOE, "/reservations", ("Décembre",), 780, "#semaine-49"),
    Shot("tel-appel", LEADER, "/pointage", ("css:main ul a >> nth=0", "Restauration"), 820),
    Shot("bureau-accueil", AGENT, "/admin/", height=640),
    Shot("bureau-famille", AGENT, "/admin/family/?search=Martin+Alice", ("css:.rows tbody a >> nth=0",), 800),
    Shot("tel-attestations", ALICE, "/attestations", height=860),
    Shot("bureau-recherche", AGENT, "/admin/recherche?q=mart", height=620),
    Shot("bureau-relances", REGISSEUR, "/admin/relances", height=760),
    Shot("bureau-simulation", REGISSEUR, "/admin/simulations", ("css:main table a >> nth=0",), 820),
    Shot("bureau-pieces", AGENT, "/admin/pieces-a-verifier", ("css:main table a >> nth=0",), 760),
    Shot(
        "bureau-facturation",
        REGISSEUR,
        "/admin/facturation/",
        ("choose:#month=2026-11", "css:button:has-text('aperçu')", WORKER, "Voir le résultat"),
        640,
    ),
    Shot(
        "bureau-guichet",
        REGISSEUR,
        "/admin/guichet",
        (
            "fill:#float_cents=100",
            "css:button:has-text('Ouvrir ma caisse')",
            "fill:#q=Martin",
            "css:main button:has-text('Chercher')",
            "css:a:has-text('Encaisser') >> nth=0",
        ),
        820,
    ),
)


def main() -> None:
    """Build the town, take every picture (or those named), and write them small."""
    wanted = set(sys.argv[1:])
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        living_town(Path(folder)) as (app, url),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--lang=fr-FR"],
            env={**os.environ, "LANGUAGE": "fr", "LANG": "fr_FR.UTF-8"},
        )
        for shot in SHOTS:
            if not wanted or shot.name in wanted:
                size = keep(shot, take(browser, app, url, shot))
                print(f"{shot.name}: {size // 1000} kB")
        browser.close()


@contextmanager
def living_town(folder: Path) -> Iterator[tuple[Flask, str]]:
    """Give the demonstration town on its fixed day, with a portal in front of it, and its address."""
    from app import create_app

    app = create_app({"mode": "demo", "database_url": sqlite_url(folder / "preau.sqlite"), "var_dir": folder})
    with app.app_context():
        Base.metadata.create_all(db.engine)
        build_town(db.session(), families=FAMILIES, say=print, today=clock.local_day(NOW))
        db.session.remove()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOW)
        with served_app(app) as url:
            yield app, url


def take(browser: Browser, app: Flask, url: str, shot: Shot) -> bytes:
    """Return the picture as PNG."""
    is_telephone = shot.name.startswith(TELEPHONE)
    window = browser.new_context(
        viewport={"width": 390 if is_telephone else 1280, "height": shot.height},
        device_scale_factor=2 if is_telephone else 1,
        locale="fr-FR",
        color_scheme="light",
        reduced_motion="reduce",
    )
    if shot.who:
        with app.app_context():
            user = db.session.scalars(select(User).where(User.email == shot.who)).one()
            key = sign_in_row(app, user)
            visitor = Visitor(app).sign_in(user, key)
        cookie = visitor.client.get_cookie("session")
        window.add_cookies([{"name": "session", "value": cookie.value, "url": url}])
    page = window.new_page()
    page.set_default_timeout(20_000)
    page.goto(url + shot.path)
    for step in shot.steps:
        if step == WORKER:
            do_jobs(app)
            page.reload(wait_until="networkidle")
        else:
            follow(page, step)
    if shot.start:
        page.locator(shot.start).first.evaluate("one => one.scrollIntoView({block: 'start'})")
    picture = page.screenshot()
    window.close()
    return picture


def follow(page: Page, step: str) -> None:
    """Do what a step says, and wait for what comes of it."""
    kind, _colon, rest = step.partition(":")
    if kind == "fill":
        field, _equal, words = rest.partition("=")
        page.locator(field).fill(words)
    elif kind == "choose":
        field, _equal, value = rest.partition("=")
        page.locator(field).select_option(value)
    elif kind == "css":
        page.locator(rest).click()
    else:
        page.get_by_role("link", name=step).first.click()
    page.wait_for_load_state("networkidle")


def keep(shot: Shot, png: bytes) -> int:
    """Write the picture as WebP, and return its weight.

    Raises:
        ValueError: it weighs more than a page may afford.
    """
    path = PICTURES / f"{shot.name}.webp"
    with Image.open(BytesIO(png)) as picture:
        picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    size = path.stat().st_size
    if size > MOST_BYTES:
        msg = f"{path.name} weighs {size} bytes, more than {MOST_BYTES}"
        raise ValueError(msg)
    return size


if __name__ == "__main__":
    main()
