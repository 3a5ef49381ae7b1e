"""A real portal, with its worker and a small Saint-Préau, and a real browser in front of it."""

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.axe import violations

ROOT = Path(__file__).parents[2]
DATABASE = "preau.sqlite"
FLASK = [sys.executable, "-m", "flask", "--app", "app"]
START_SECONDS = 120
# Above what any test's changes of settings come to: a process must not take one town for another.
REVISIONS = count(1_000_000, 1_000_000)


@dataclass(frozen=True)
class Portal:
    """A running portal."""

    url: str
    env: dict[str, str]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a portal with eight families, built once for all processes of this run; they take copies."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, making = root / "town", root / "town-in-the-making"
    with (root / "town.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            _build(making)
            making.rename(folder)
    return folder


def _build(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.building"],
        cwd=ROOT,
        env=_environment(folder, 5000),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def _environment(folder: Path, port: int) -> dict[str, str]:
    return os.environ | {
        "PREAU_MODE": "demo",
        "PREAU_VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "PREAU_PORT": str(port),
        "PREAU_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PREAU_SIGN_IN_LIMIT": "200 per minute",
    }


@pytest.fixture(scope="session")
def running(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal as ``make run`` starts it, on a town of this process's own."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copytree(town, folder, dirs_exist_ok=True)
    port = _free_port()
    env = _environment(folder, port)
    portal = Portal(f"http://127.0.0.1:{port}", env)
    log = (folder / "portal.log").open("w")
    # A group of its own, so that the web processes and the worker end with it, started or not.
    server = subprocess.Popen(
        [*FLASK, "serve"], cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait(portal, server, folder / "portal.log")
        yield portal
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
        log.close()


@pytest.fixture(scope="module")
def portal(running: Portal, town: Path) -> Portal:
    """The running portal, its town as it was built: no file of tests meets what another has done."""
    _give_back(town / DATABASE, Path(running.env["PREAU_VAR_DIR"]) / DATABASE)
    return running


def _give_back(built: Path, used: Path) -> None:
    """Write a database over one in use, in one transaction; its revision tells each process to read settings anew."""
    with closing(sqlite3.connect(built)) as source, closing(sqlite3.connect(used, timeout=30)) as target:
        source.backup(target)
        target.execute("UPDATE town SET revision = ?", (next(REVISIONS),))
        target.commit()


def _wait(portal: Portal, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{portal.url}/sante", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    pytest.fail(f"the portal did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, headless."""
    path = shutil.which("chromium")
    assert path is not None, "chromium is missing: `make test` installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile: somebody who was never here."""
    made = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def accessible() -> "type[Accessible]":
    """What checks a page with axe."""
    return Accessible


class Accessible:
    """Opens pages, and finds no accessibility fault on them."""

    @staticmethod
    def check(page: Page) -> None:
        """Fail when axe finds a violation on the page as it stands, once it has come whole."""
        # A click returns when the next page begins to arrive; axe would find it without a root.
        page.wait_for_load_state()
        found = violations(page)
        assert not found, "\n".join(
            f"{page.url}: {fault['id']}: {fault['help']}: {[node['html'] for node in fault['nodes']][:3]}"
            for fault in found
        )
