"""The job queue. A job only wakes work that is already written in the database, so losing one loses nothing."""

import logging
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab

from config import TESTING, Settings
from views.jobs import work

log = logging.getLogger(__name__)
EVERY_MINUTE = crontab(minute="*")
EVERY_NIGHT = crontab(hour="3", minute="30")
EVERY_EVENING = crontab(hour="16", minute="30")


def make_queue(settings: Settings) -> Huey:
    """Return the queue that the settings ask for: Redis when there is one, else a file beside the database."""
    if settings.mode == TESTING:
        return MemoryHuey("preau")
    if settings.redis_url:
        return RedisHuey("preau", url=settings.redis_url)
    return SqliteHuey("preau", filename=str(settings.var_dir / "jobs.sqlite"))


def init_queue(app: Flask, settings: Settings) -> None:
    """Make the queue, and register what it wakes and what it does by the clock."""
    queue = make_queue(settings)
    app.extensions["queue"] = queue
    tasks: dict[str, Any] = {}
    for name, function in work.WORK.items():
        runner = _in_context(app, name, function)
        tasks[name] = queue.task(name=f"{name}_now")(runner)
        queue.periodic_task(_when(name), name=f"{name}_by_clock")(runner)
    app.extensions["tasks"] = tasks


def _when(name: str) -> Any:
    if name in work.NIGHTLY:
        return EVERY_NIGHT
    return EVERY_EVENING if name in work.EVERY_EVENING else EVERY_MINUTE


def _in_context(app: Flask, name: str, function: Any) -> Any:
    # Addresses in mails and PDFs need a request: this one comes from the public address.
    def run() -> None:
        with app.test_request_context("/", base_url=app.config["PREAU"].public_url):
            function()
            if name in work.LEFT_OVER and work.LEFT_OVER[name]():
                app.extensions["tasks"][name]()  # behind what was woken meanwhile

    return run


def wake(name: str) -> None:
    """Ask the worker to look now; call it after the commit. By the clock it would look within a minute."""
    if current_app.extensions["PREAU_TESTING"]:
        return
    current_app.extensions["tasks"][name]()
