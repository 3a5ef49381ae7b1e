"""What the worker does: mails, invoice runs, documents."""

from flask import Flask

from config import TESTING, Settings
from views.jobs.queue import init_queue, wake

__all__ = ["init_app", "wake"]


def init_app(app: Flask, settings: Settings) -> None:
    """Make the job queue of the application."""
    app.extensions["PREAU_TESTING"] = settings.mode == TESTING
    init_queue(app, settings)
