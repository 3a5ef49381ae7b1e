"""The job queues, one a lane. A job only wakes work that is already written in the database, so losing one loses nothing."""

from threading import Event
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab

from config import TESTING, Settings
from views.jobs.lanes import Lane
from views.jobs.work import CHORES, Chore, Hour

HOURS = {
    Hour.EVERY_MINUTE: crontab(minute="*"),
    Hour.EVENING: crontab(hour="16", minute="30"),
    Hour.NIGHT: crontab(hour="3", minute="30"),
}


def make_queue(settings: Settings, lane: Lane) -> Huey:
    """Return the queue that the settings ask for: Redis when there is one, else a file beside the database."""
    name = f"preau-{lane.value}"
    if settings.mode == TESTING:
        return MemoryHuey(name)
    if settings.redis_url:
        return RedisHuey(name, url=settings.redis_url)
    return SqliteHuey(name, filename=str(settings.var_dir / "jobs.sqlite"))


def init_queue(app: Flask, settings: Settings) -> None:
    """Make the queues, and register what they wake and what they do by the clock."""
    queues = {lane: make_queue(settings, lane) for lane in Lane}
    tasks: dict[str, Any] = {}
    for name, chore in CHORES.items():
        runner = _in_context(app, name, chore)
        queue = queues[chore.lane]
        tasks[name] = queue.task(name=f"{name}_now")(runner)
        queue.periodic_task(HOURS[chore.hour], name=f"{name}_by_clock")(runner)
    app.extensions |= {"queues": queues, "tasks": tasks, "stopping": Event()}


def _in_context(app: Flask, name: str, chore: Chore) -> Any:
    # Addresses in mails and PDFs need a request: this one comes from the public address.
    def run() -> None:
        with app.test_request_context("/", base_url=app.config["PREAU"].public_url):
            chore.do()
            if chore.has_more is not None and chore.has_more():
                app.extensions["tasks"][name]()  # behind what was woken meanwhile

    return run


def wake(name: str) -> None:
    """Ask the worker to look now; call it after the commit. By the clock it would look within a minute."""
    if current_app.extensions["PREAU_TESTING"]:
        return
    current_app.extensions["tasks"][name]()
