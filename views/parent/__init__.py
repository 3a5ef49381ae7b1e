"""The pages of a signed-in parent."""

from flask import Flask

from config import Settings
from views.parent import (  # noqa: F401 - each adds its pages
    absences,
    account,
    address,
    agenda,
    contests,
    declaration,
    declaration_children,
    declaration_people,
    declaration_sending,
    direct_debit,
    document_new,
    documents,
    family,
    home,
    invitation,
    invoices,
    late_cancel,
    my_data,
    offers,
    patterns,
    payments,
    registering,
    requests,
    reservations,
    statements,
    wishes,
)
from views.parent.blueprint import bp
from views.parent.school import answers, pages  # noqa: F401 - the same


def init_app(app: Flask, _settings: Settings) -> None:
    """Bind the parent's pages to the application."""
    app.register_blueprint(bp)
