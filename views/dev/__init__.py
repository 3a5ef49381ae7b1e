"""Pages of the development and demonstration modes."""

from flask import Flask

from config import Settings
from views.dev import mails


def init_app(app: Flask, settings: Settings) -> None:
    """Bind these pages to the application, never in production."""
    if settings.has_development_pages:
        app.register_blueprint(mails.bp)
