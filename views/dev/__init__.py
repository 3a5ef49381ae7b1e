"""Pages of the development and demonstration modes."""

from flask import Flask

from config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bind this room to the application."""
