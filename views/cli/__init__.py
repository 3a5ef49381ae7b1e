"""The commands of ``flask --app app``."""

from flask import Flask

from config import Settings
from views.cli import backup, doctor, imports, install, money, purge, schools, search, serve


def init_app(app: Flask, _settings: Settings) -> None:
    """Add the commands."""
    for room in (backup, doctor, imports, install, money, purge, schools, search, serve):
        room.init_commands(app)
