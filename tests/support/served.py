"""The portal as production serves it, several processes behind one port, on an instant that the test chooses."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from domain import clock

ROOT = Path(__file__).parents[2]
START_SECONDS = 120


def create_web() -> Flask:
    """Return the portal for a web process, or the worker; its clock goes on from ``PREAU_TEST_NOW``."""
    from app import create_web as make

    instant = datetime.fromisoformat(os.environ["PREAU_TEST_NOW"])
    begun = float(os.environ["PREAU_TEST_BEGUN"])
    clock.now = lambda: instant + timedelta(seconds=time.time() - begun)
    return make()


@dataclass(frozen=True)
class Answer:
    """What the portal said; ``cookie`` is what it gave the browser to keep, empty when nothing."""

    status: int
    cookie: str
    text: str


@dataclass(frozen=True)
class Served:
    """A running portal."""

    port: int
    server: "subprocess.Popen[bytes]"

    def ask(self, cookie: str, path: str, form: dict[str, Any] | None = None) -> Answer:
        """Open a page, or send a form, on a connection of its own.

        Raises:
            OSError: the answer was lost, or the request never arrived.
            http.client.HTTPException: the connection broke in mid-answer.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": cookie}
        try:
            if form is None:
                connection.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request("POST", path, urlencode(form, doseq=True), headers)
            answer = connection.getresponse()
            cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
            return Answer(answer.status, cookie, answer.read().decode())
        finally:
            connection.close()

    def processes(self) -> list[int]:
        """Return the web processes, by their numbers."""
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        return [
            int(number)
            for number in children
            if b"resource_tracker" not in Path(f"/proc/{number}/cmdline").read_bytes()
        ]

    def kill_one(self) -> None:
        """Kill a web process as a power cut would, without a word to it."""
        os.kill(self.processes()[0], signal.SIGKILL)


def environment(url: str, folder: Path, now: datetime) -> dict[str, str]:
    """Return what a process of the portal needs to work on a test's database."""
    return os.environ | {
        "PREAU_MODE": "development",
        "PREAU_VAR_DIR": str(folder),
        "DATABASE_URL": url,
        "PREAU_TEST_NOW": now.isoformat(),
        "PREAU_TEST_BEGUN": str(time.time()),
    }


@contextmanager
def serving(url: str, folder: Path, now: datetime) -> Iterator[Served]:
    """Serve a database with two web processes until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("granian")), "--interface=wsgi", "--factory"]
    command += [f"--port={port}", "--workers=2", "--blocking-threads=4", "--respawn-failed-workers"]
    command += ["--no-access-log", "--log-level=warning", "tests.support.served:create_web"]
    with (folder / "served.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(url, folder, now),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            served = Served(port, server)
            _wait(served)
            yield served
        finally:
            # The whole group: the parent of a killed process may wait for it for ever.
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(20)


def _wait(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if served.ask("", "/sante").status == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
    msg = "the portal did not start"
    raise RuntimeError(msg)
