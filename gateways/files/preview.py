"""A page of a document as a picture: telephones have no reader of PDF inside a page."""

from dataclasses import dataclass
from io import BytesIO
from threading import Lock

import pypdfium2

from gateways.files.checks import JPEG, PDF

WIDTH = 1200
MAX_HEIGHT = 4000
# PDFium works for one thread at a time.
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture that a browser shows."""

    media_type: str
    data: bytes


def draw_page(data: bytes, media_type: str, number: int) -> PagePicture | None:
    """Return a page (from 1) as a picture; a kept image is its own; None when the PDF cannot be drawn."""
    if media_type != PDF:
        return PagePicture(media_type, data)
    with _one_at_a_time:
        try:
            with pypdfium2.PdfDocument(data) as document:
                page = document[number - 1]
                width, height = page.get_size()
                scale = min(WIDTH / max(width, 1), MAX_HEIGHT / max(height, 1))
                picture = page.render(scale=scale).to_pil().convert("RGB")
        except (pypdfium2.PdfiumError, IndexError):
            return None
    output = BytesIO()
    picture.save(output, "JPEG", quality=80)
    return PagePicture(JPEG, output.getvalue())
