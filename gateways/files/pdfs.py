"""PDFs read without being run: what acts, hides files or is locked is refused."""

from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

from domain.errors import Refusal

# Actions and contents that a proof of address has no need of.
_ACTIVE_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToE",
    "/Rendition",
    "/Movie",
    "/Sound",
}
_ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"}
MAX_OBJECTS = 200_000


def count_safe_pages(data: bytes, max_pages: int) -> int:
    """Return how many pages a PDF has, once nothing in it is found to act.

    Raises:
        Refusal: ``file_unreadable``, ``pdf_locked``, ``pdf_active_content``, ``pdf_too_long`` (``pages``).
    """
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise Refusal("pdf_locked")
        pages = len(reader.pages)
        if pages == 0:
            raise Refusal("file_unreadable")
        if pages > max_pages:
            raise Refusal("pdf_too_long", pages=max_pages)
        if _acts(reader):
            raise Refusal("pdf_active_content")
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # pypdf meets a broken file with any of these.
        raise Refusal("file_unreadable") from error
    return pages


def _acts(reader: PdfReader) -> bool:
    """Whether anything reachable from the document's root is an action, a script or an embedded file."""
    waiting: list[Any] = [reader.trailer["/Root"]]
    seen: set[tuple[int, int]] = set()
    visited = 0
    while waiting:
        thing = waiting.pop()
        visited += 1
        if visited > MAX_OBJECTS:
            raise Refusal("file_unreadable")
        if isinstance(thing, IndirectObject):
            place = (thing.idnum, thing.generation)
            if place in seen:
                continue
            seen.add(place)
            thing = thing.get_object()
        if isinstance(thing, DictionaryObject):
            if _is_active(thing):
                return True
            waiting.extend(thing.values())
        elif isinstance(thing, ArrayObject):
            waiting.extend(thing)
    return False


def _is_active(node: DictionaryObject) -> bool:
    if any(key in node and not isinstance(node[key], NullObject) for key in _ACTIVE_KEYS):
        return True
    return str(node.get("/S", "")) in _ACTIVE_ACTIONS
