"""The file store of one machine: a private folder, random names, nothing half-written."""

import os
from pathlib import Path
from typing import BinaryIO

from gateways.files.keys import is_key, known, new_key


class LocalFileStore:
    """Keeps files under one folder that no web server serves; see ``domain.documents.storage.FileStore``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, media_type: str) -> str:
        """Keep the bytes under a new random key; a crash leaves the whole file or none."""
        key = new_key(media_type)
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{path.name}.part")
        try:
            _write(part, data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _flush_folder(path.parent)
        return key

    def open(self, key: str) -> BinaryIO:
        """Return the bytes of a key, opened for reading.

        Raises:
            FileNotFoundError: no such file, or not a key of this store.
        """
        return (self.folder / known(key)).open("rb")

    def delete(self, key: str) -> None:
        """Remove the bytes of a key; nothing happens when they are gone already."""
        if is_key(key):
            (self.folder / key).unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the file's name survive a power cut, as its bytes do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
