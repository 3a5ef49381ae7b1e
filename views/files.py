"""The file store of this installation."""

from flask import current_app

from domain.documents.storage import FileStore
from gateways.files import LocalFileStore


def file_store() -> FileStore:
    """Return where private files are kept: a folder that no web server serves."""
    return LocalFileStore(current_app.config["PREAU"].var_dir / "files")
