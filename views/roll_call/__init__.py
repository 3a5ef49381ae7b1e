"""The roll-call of activity leaders, on a phone or a tablet, with or without a connection."""

from flask import Flask

from config import Settings
from views.roll_call import pages, sync
from views.roll_call.blueprint import bp

__all__ = ["init_app", "pages", "sync"]


def init_app(app: Flask, _settings: Settings) -> None:
    """Bind this room to the application."""
    app.register_blueprint(bp)
