"""The pages that anybody may read."""

from flask import Flask

from config import Settings
from views.public import activation, guides, invitation, pages, signup, site_map  # noqa: F401 - its page


def init_app(app: Flask, _settings: Settings) -> None:
    """Bind the public pages to the application."""
    app.register_blueprint(pages.bp)
    app.register_blueprint(guides.bp)
    app.register_blueprint(activation.bp)
    app.register_blueprint(invitation.bp)
    app.register_blueprint(signup.bp)
