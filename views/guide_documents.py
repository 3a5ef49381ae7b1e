"""The families' guide on paper: the worker draws it once for each version of its text, pictures, style and town."""

import hashlib
import os
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from PIL import Image

from domain.guides.rules import Guide
from gateways.guides import PICTURES, guide_files, read_guide
from gateways.pdf import render_pdf
from gateways.pdf.renderer import STYLE
from models.town import Town
from views.extensions import db
from views.guides import PARENTS
from views.languages import FRENCH, speaking
from views.letterhead import letterhead

JPEG_QUALITY = 82
LAYOUTS = ("pdf/guide.html", "pdf/parts.html")


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed copy: its title, and the pages that it holds; none means all.

    Args:
        is_leaflet: small enough for the two sides of a sheet.
    """

    title: str
    about: str
    slugs: tuple[str, ...] = ()
    is_leaflet: bool = False


DOCUMENTS = {
    "procedure-d-acces": Paper(
        _l("Procédure d’accès à l’espace famille"),
        _l("Obtenir son code famille, activer son accès, se connecter : l’essentiel, en deux pages."),
        ("premiere-connexion",),
        is_leaflet=True,
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


def kept_papers() -> dict[str, Path | None]:
    """Return where the worker keeps today's version of each printed copy; None for one that is not drawn yet."""
    return {name: path if path.exists() else None for name, path in _places().items()}


def draw_guides() -> int:
    """Draw as PDF/UA the printed copies that today's version has not yet; return how many."""
    missing = {name: path for name, path in _places().items() if not path.exists()}
    for name, path in missing.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(path, render_pdf(_html(DOCUMENTS[name])))
        for other in path.parent.glob(f"{name}-*.pdf"):
            if other != path:
                other.unlink(missing_ok=True)
    return len(missing)


@speaking(FRENCH)
def _places() -> dict[str, Path]:
    """Return the file of each copy's version of today, named after all that it shows; none before the town is written."""
    if db.session.get(Town, 1) is None:
        return {}
    settings = current_app.config["PREAU"]
    words = repr((_printed_files(), letterhead(), settings.public_url))
    version = hashlib.sha256(words.encode()).hexdigest()[:16]
    folder: Path = settings.var_dir / "guides"
    return {name: folder / f"{name}-{version}.pdf" for name in DOCUMENTS}


@lru_cache(maxsize=1)
def _printed_files() -> str:
    """Return what changes with the text, pictures, layout, style and titles; read once by each process."""
    layouts = [Path(current_app.root_path) / "templates" / name for name in LAYOUTS]
    found = hashlib.sha256()
    for path in (*guide_files()[PARENTS], *sorted(PICTURES.iterdir()), *layouts, STYLE, Path(__file__)):
        found.update(path.read_bytes())
    return found.hexdigest()


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


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that another process finds it whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)
