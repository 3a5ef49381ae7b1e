"""The file store of this installation."""

from functools import cache
from typing import cast

from flask import Flask, current_app

from config import Settings
from domain.documents.storage import FileStore
from gateways.files import Bucket, LocalFileStore, open_bucket

FOLDER = "files"


def init_files(app: Flask, settings: Settings) -> None:
    """Bind the store to the application; a bucket's is opened by the process that first uses it."""
    app.extensions["file_store"] = cache(lambda: _store(settings))


def file_store() -> FileStore:
    """Return where private files are kept: a folder that no web server serves, or a private bucket."""
    return cast("FileStore", current_app.extensions["file_store"]())


def _store(settings: Settings) -> FileStore:
    if not settings.s3_bucket:
        return LocalFileStore(settings.var_dir / FOLDER)
    return open_bucket(
        Bucket(
            name=settings.s3_bucket,
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            key_id=settings.s3_key_id,
            secret=settings.s3_secret,
        )
    )
