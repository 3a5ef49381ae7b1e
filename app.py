"""Préau: the family portal of a town hall. ``create_app`` puts the house together."""

import gc
from collections.abc import Mapping
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import demo
import models  # noqa: F401 - registers the tables
from config import load_settings
from models.engine import prepare_sqlite
from views import admin, cli, dev, jobs, parent, public, roll_call, security, webhooks
from views.compiled_templates import init_compiled_templates
from views.context import init_context
from views.errors import init_errors
from views.extensions import babel, csrf, db, limiter, mail, migrate
from views.files import init_files
from views.flask_settings import flask_settings
from views.formats import init_formats
from views.headers import init_headers
from views.language_choice import init_languages
from views.languages import page_locale
from views.menus import init_menus
from views.payment_gateway import init_gateway
from views.production import refuse_demo_accounts
from views.waiting_room import init_waiting_room
from views.words import init_words


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return a portal, configured by the environment and then by ``overrides`` (names of ``Settings``).

    Raises:
        BadSetting: a setting is missing or not allowed.
    """
    settings = load_settings(overrides)
    app = Flask(__name__)
    app.config.update(flask_settings(settings))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    db.init_app(app)
    with app.app_context():
        prepare_sqlite(db.engine)
    migrate.init_app(app, db, render_as_batch=True)
    babel.init_app(app, locale_selector=page_locale)
    mail.init_app(app)
    limiter.init_app(app)
    csrf.init_app(app)

    init_compiled_templates(app)
    init_words(app)
    init_formats(app)
    init_headers(app, settings)
    init_context(app)
    init_menus(app)
    init_languages(app)
    init_errors(app)
    init_waiting_room(app, settings)
    init_gateway(app, settings)
    init_files(app, settings)
    for room in (security, public, parent, roll_call, webhooks, dev, jobs, admin, cli, demo):
        room.init_app(app, settings)
    refuse_demo_accounts(app, settings)
    return app


def create_web() -> Flask:
    """Return the portal for a web process: what it holds for ever is set aside from garbage collection."""
    app = create_app()
    gc.collect()
    gc.freeze()
    return app
