"""Several pictures and PDFs of one document become one PDF, a page after the other."""

import hashlib
from collections.abc import Sequence
from io import BytesIO

from PIL import Image
from pypdf import PdfReader, PdfWriter

from domain.errors import Refusal
from gateways.files.checks import MAX_BYTES, MAX_PAGES, MEGABYTE, PDF, CheckedFile

# An A4 page in points at 72 to the inch; a picture fills it without being stretched.
PAGE_WIDTH, PAGE_HEIGHT = 595, 842


def combine_files(files: Sequence[CheckedFile]) -> CheckedFile:
    """Return the checked files as one, in their order; a single file stays as it is.

    Raises:
        Refusal: ``pdf_too_long`` (``pages``), ``file_too_big`` (``megabytes``) for the whole.
    """
    if len(files) == 1:
        return files[0]
    pages = sum(file.pages for file in files)
    if pages > MAX_PAGES:
        raise Refusal("pdf_too_long", pages=MAX_PAGES)
    writer = PdfWriter()
    for file in files:
        data = file.data if file.media_type == PDF else _as_page(file.data)
        for page in PdfReader(BytesIO(data)).pages:
            writer.add_page(page)
    output = BytesIO()
    writer.write(output)
    data = output.getvalue()
    if len(data) > MAX_BYTES:
        raise Refusal("file_too_big", megabytes=MAX_BYTES // MEGABYTE)
    name = files[0].filename.rsplit(".", 1)[0] + ".pdf"
    return CheckedFile(name, PDF, data, pages, hashlib.sha256(data).hexdigest())


def _as_page(data: bytes) -> bytes:
    """Return a picture as a PDF of one page: as large as A4 holds it, upright as it is."""
    with Image.open(BytesIO(data)) as picture:
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.getchannel("A") if "A" in picture.getbands() else None)
        resolution = 72 * max(picture.width / PAGE_WIDTH, picture.height / PAGE_HEIGHT)
    output = BytesIO()
    flat.save(output, "PDF", resolution=resolution, quality=85)
    return output.getvalue()
