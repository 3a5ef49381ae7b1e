"""WeasyPrint, kept on a leash: our own style and fonts, nothing from the network, always PDF/UA-1."""

import re
import threading
from pathlib import Path
from urllib.request import url2pathname

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from gateways.pdf.finishing import finish

STATIC = Path(__file__).resolve().parents[2] / "static"
STYLE = STATIC / "pdf.css"
# The bundled font has no narrow no-break space: a wide one keeps every glyph in one font.
_SPACES = str.maketrans({"\u202f": "\u00a0"})


# The style and its fonts, read once by each thread: half the time of an invoice otherwise.
_kept = threading.local()


class ForbiddenResource(FatalURLFetchingError):  # type: ignore[misc]
    """A document asked for something that is neither in static/ nor in the document itself."""


class BundledFetcher(URLFetcher):  # type: ignore[misc]
    """Reads ``data:`` addresses and files under one folder; refuses everything else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False, fail_on_errors=True)
        self.folder = folder.resolve()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return a bundled resource.

        Raises:
            ForbiddenResource: the address leads elsewhere; the whole rendering stops.
        """
        if url.startswith("data:"):
            return super().fetch(url, headers)
        if not url.startswith("file:"):
            raise ForbiddenResource(f"not a bundled resource: {url}")
        path = Path(url2pathname(re.sub(r"^file:(//)?|[?#].*$", "", url))).resolve()
        if not path.is_relative_to(self.folder):
            raise ForbiddenResource(f"outside {self.folder.name}/: {path.name}")
        return super().fetch(path.as_uri(), headers)


def render_pdf(html: str, *, base_url: str | Path = STATIC) -> bytes:
    """Return a page of HTML as a tagged PDF (PDF/UA-1), with our print style.

    Args:
        html: a whole document, with ``lang``, a title, and alternatives for its images.
        base_url: the folder that relative addresses start from; only static/ may be read.

    Raises:
        ForbiddenResource: the document asks for a resource from elsewhere.
    """
    fetcher = BundledFetcher(STATIC)
    fonts, style = _fonts_and_style()
    base = f"{Path(base_url).resolve().as_uri()}/"
    document = HTML(string=html.translate(_SPACES), base_url=base, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(
        stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", finisher=finish
    )
    return pdf


def _fonts_and_style() -> tuple[FontConfiguration, CSS]:
    if not hasattr(_kept, "pair"):
        fonts = FontConfiguration()
        style = CSS(filename=STYLE, url_fetcher=BundledFetcher(STATIC), font_config=fonts)
        _kept.pair = (fonts, style)
    pair: tuple[FontConfiguration, CSS] = _kept.pair
    return pair
