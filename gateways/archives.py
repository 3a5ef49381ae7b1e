"""An archive of everything held about a person: data for programs, a page for people, and the files."""

import json
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from domain.documents.storage import FileStore
from domain.privacy.download import HeldFile

MEDIA_TYPE = "application/zip"


def person_archive(
    store: FileStore, *, held: Mapping[str, Any], page: str, files: Iterable[HeldFile]
) -> bytes:
    """Return the bytes of a ZIP: ``donnees.json``, ``resume.html``, and each file under its name.

    Raises:
        FileNotFoundError: the store has lost a file that a row names.
    """
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as archive:
        archive.writestr("donnees.json", json.dumps(held, ensure_ascii=False, indent=2))
        archive.writestr("resume.html", page)
        for file in files:
            with store.open(file.key) as stream:
                archive.writestr(file.name, stream.read())
    return output.getvalue()
