"""What a production start refuses: a database that holds the demonstration's accounts."""

from flask import Flask
from sqlalchemy import inspect, select

from config import BadSetting, Settings
from models.accounts import User
from views.extensions import db

DEMO_DOMAIN = "@saint-preau.example"


def refuse_demo_accounts(app: Flask, settings: Settings) -> None:
    """Stop a production start on a database whose accounts have a published password.

    Raises:
        BadSetting: one of the demonstration's accounts is there.
    """
    if not settings.is_production:
        return
    with app.app_context():
        if not inspect(db.engine).has_table(User.__tablename__):
            return  # before the first migration there is nobody
        if db.session.scalar(select(User.id).where(User.email.endswith(DEMO_DOMAIN)).limit(1)) is not None:
            message = "This database holds accounts of the demonstration; production needs one of its own"
            raise BadSetting(message)
