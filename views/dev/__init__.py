"""Pages of the development and demonstration modes."""

from flask import Flask

from config import Settings
from gateways.payments.courier import Courier
from views.dev import mails
from views.dev.bank import create_bank_blueprint
from views.payment_gateway import has_local_bank


def init_app(app: Flask, settings: Settings) -> None:
    """Bind these pages to the application, never in production."""
    if settings.has_development_pages:
        app.register_blueprint(mails.bp)
    if has_local_bank(settings):
        # It is looked up when a page is asked for, so that a test may put its own courier there.
        app.extensions["bank_courier"] = Courier()
        bank = create_bank_blueprint(
            settings, app.extensions["local_bank"], lambda: app.extensions["bank_courier"]
        )
        app.register_blueprint(bank)
