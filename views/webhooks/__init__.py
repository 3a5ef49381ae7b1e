"""What other machines call."""

from flask import Flask

from config import Settings
from views.webhooks.paybox import bp


def init_app(app: Flask, _settings: Settings) -> None:
    """Bind the bank's door to the application."""
    app.register_blueprint(bp)
