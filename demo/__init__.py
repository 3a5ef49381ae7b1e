"""The demonstration town of Saint-Préau, built through the same operations as a real one."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from config import DEMO, Settings
from demo.people import DEMO_PASSWORD, DemoAccount, demo_accounts
from views.extensions import db


@dataclass(frozen=True)
class Demo:
    """What the command that serves prints of the demonstration."""

    password: str
    accounts: Callable[[], list[DemoAccount]]


def init_app(app: Flask, settings: Settings) -> None:
    """Add ``flask demo``; in demonstration mode, tell how to sign in."""
    from demo.command import demo  # noqa: PLC0415 - the command imports the whole town

    app.cli.add_command(demo)
    if settings.mode == DEMO:
        app.extensions["demo"] = Demo(DEMO_PASSWORD, lambda: demo_accounts(db.session()))
