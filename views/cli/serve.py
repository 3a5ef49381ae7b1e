"""``flask serve`` and ``flask worker``: the portal's two kinds of process."""

import os
import signal
import subprocess
import sys
import time
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from config import Settings
from views.cli.welcome import print_welcome
from views.jobs.lanes import Lane, LaneWorker, wanted_lanes

STOP_SECONDS = 10


def init_commands(app: Flask) -> None:
    """Add the commands to ``flask``."""
    app.cli.add_command(serve)
    app.cli.add_command(worker)


@click.command()
@click.option("--web-workers", type=int, default=None, help="Web processes (default: PREAU_WEB_WORKERS).")
@with_appcontext
def serve(web_workers: int | None) -> None:
    """Serve the portal with its background worker, until Ctrl-C."""
    settings: Settings = current_app.config["PREAU"]
    children = [
        subprocess.Popen(command)  # noqa: S603 - our own commands, no input from outside
        for command in (web_command(settings, web_workers or settings.web_workers), worker_command())
    ]
    if _is_up(settings, children):
        print_welcome(settings)
    sys.exit(_wait(children))


def _is_up(settings: Settings, children: list[subprocess.Popen[bytes]]) -> bool:
    """Wait until the portal answers, however slow the machine; say no when a process ended."""
    while all(child.poll() is None for child in children):
        connection = HTTPConnection(settings.host, settings.port, timeout=2)
        try:
            connection.request("GET", "/sante")
            if connection.getresponse().status == HTTPStatus.OK:
                return True
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    return False


def web_command(settings: Settings, workers: int) -> list[str]:
    """Return the command that serves the pages, with static files mounted outside Flask."""
    static = Path(current_app.root_path) / "static"
    return [
        str(Path(sys.executable).with_name("granian")),
        "--interface=wsgi",
        "--factory",
        f"--host={settings.host}",
        f"--port={settings.port}",
        f"--workers={workers}",
        "--blocking-threads=4",
        "--static-path-route=/static",
        f"--static-path-mount={static}",
        "--static-path-expires=31536000",
        "--respawn-failed-workers",
        "--no-access-log",
        "--log-level=warning",
        "app:create_web",
    ]


def worker_command() -> list[str]:
    """Return the command that runs the background worker."""
    return [sys.executable, "-m", "flask", "--app", "app", "worker"]


def _wait(children: list[subprocess.Popen[bytes]]) -> int:
    """Wait until a child ends or we are told to stop; then stop them all."""
    asked = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.append(True))
    while not asked and all(child.poll() is None for child in children):
        time.sleep(0.2)
    code = 0 if asked else 1
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    return code


@click.command()
@click.option(
    "--lane",
    "lanes",
    multiple=True,
    type=click.Choice([lane.value for lane in Lane]),
    help="Only this lane, in a process of its own (may be repeated; default: all).",
)
@with_appcontext
def worker(lanes: tuple[str, ...]) -> None:
    """Run the background worker: mails, documents and long acts, each in a lane of its own."""
    if hasattr(os, "nice"):
        os.nice(5)  # pages go before letters
    extensions = current_app.extensions
    LaneWorker(wanted_lanes(extensions["queues"], lanes), extensions["stopping"]).run()
