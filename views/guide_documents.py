"""The families' guide on paper: drawn once for each version of its text, of its pictures and of the town."""

import hashlib
import os
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from PIL import Image

from domain.guides.rules import Guide
from gateways.guides import PICTURES, read_guide
from gateways.pdf import render_pdf
from gateways.pdf.renderer import STYLE
from views.guides import PARENTS
from views.languages import FRENCH, speaking
from views.letterhead import letterhead

JPEG_QUALITY = 82
_drawing = Lock()


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed copy: its title, and the pages that it holds; none means all."""

    title: str
    about: str
    slugs: tuple[str, ...] = ()


DOCUMENTS = {
    "procedure-d-acces": Paper(
        _l("Procédure d’accès à l’espace famille"),
        _l("Obtenir son code famille, activer son accès, se connecter : l’essentiel."),
        ("premiere-connexion",),
    ),
    "manuel-d-utilisation": Paper(
        _l("Manuel d’utilisation de l’espace famille"),
        _l("Tout le guide des familles, de la première connexion aux factures."),
    ),
}


class PaperLinks:
    """Links of a printed guide: inside it where the page is there, otherwise to the portal's own address."""

    def __init__(self, public_url: str, slugs: tuple[str, ...]) -> None:
        self.public_url, self.slugs = public_url, slugs

    def page(self, guide: str, slug: str, anchor: str) -> str:
        """Return the place in the document, or the address of the page."""
        if guide == PARENTS and (not self.slugs or slug in self.slugs):
            return f"#{slug}-{anchor}" if anchor else f"#{slug}"
        return f"{self.public_url}/aide/{slug}" + (f"#{anchor}" if anchor else "")

    def place(self, path: str) -> str:
        """Return the whole address of a page of the portal."""
        return f"{self.public_url}{path}"

    def picture(self, name: str) -> str:
        """Return the picture itself, as paper holds it."""
        return _on_paper(name)


@lru_cache(maxsize=64)
def _on_paper(name: str) -> str:
    """Return a picture as a JPEG in a ``data:`` address: a PDF holds that one as it is, and stays small."""
    stream = BytesIO()
    with Image.open(PICTURES / name) as picture:
        picture.convert("RGB").save(stream, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{b64encode(stream.getvalue()).decode()}"


def guide_document(name: str) -> bytes:
    """Return a printed copy of the guide as PDF/UA; the first to ask for a version draws it.

    Args:
        name: one of ``DOCUMENTS``.
    """
    html = _html(DOCUMENTS[name])
    folder = current_app.config["PREAU"].var_dir / "guides"
    kept = folder / f"{name}-{_fingerprint(html)}.pdf"
    with _drawing:
        if not kept.exists():
            folder.mkdir(parents=True, exist_ok=True)
            for older in folder.glob(f"{name}-*.pdf"):
                older.unlink(missing_ok=True)
            _write_whole(kept, render_pdf(html))
    return kept.read_bytes()


@speaking(FRENCH)
def _html(paper: Paper) -> str:
    settings = current_app.config["PREAU"]
    guide = read_guide(PARENTS, PaperLinks(settings.public_url, paper.slugs))
    pages = [page for page in guide.pages if not paper.slugs or page.slug in paper.slugs]
    return render_template(
        "pdf/guide.html",
        town=letterhead(),
        paper=paper,
        guide=Guide(PARENTS, tuple(pages)),
        address=settings.public_url,
    )


def _fingerprint(html: str) -> str:
    """Return what changes with the words, the town, the pictures and the style of a document."""
    return hashlib.sha256(html.encode() + STYLE.read_bytes()).hexdigest()[:16]


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that another process finds it whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)
