"""An uploaded file is what its content says, not what its name says; whatever else is refused."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

import filetype

from domain.errors import Refusal
from gateways.files.images import clean_image
from gateways.files.pdfs import count_safe_pages

MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
MAX_PAGES = 60
JPEG, PNG, HEIC, PDF = "image/jpeg", "image/png", "image/heic", "application/pdf"
# What each kind of content may be called.
_EXTENSIONS = {
    JPEG: {".jpg", ".jpeg", ".jpe", ".jfif"},
    PNG: {".png"},
    HEIC: {".heic", ".heif"},
    PDF: {".pdf"},
}


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept; ``data`` is what to keep, images being made anew without their hidden data.

    Args:
        filename: the name to show, its extension following ``media_type``.
        sha256: of ``data``, in hexadecimal.
    """

    filename: str
    media_type: str
    data: bytes
    pages: int
    sha256: str


def inspect_upload(stream: BinaryIO, filename: str, *, max_bytes: int = MAX_BYTES) -> CheckedFile:
    """Read an upload, check it and return what may be kept of it.

    Images lose their EXIF data (place, camera) but keep their orientation; HEIC becomes JPEG; a PDF is kept
    to the byte, because its signature may matter.

    Raises:
        Refusal: ``file_empty``, ``file_too_big`` (``megabytes``), ``file_type_refused``, ``file_mismatch``
            (``extension``, ``kind``), ``file_unreadable``, ``image_too_large`` (``megapixels``),
            ``pdf_locked``, ``pdf_active_content``, ``pdf_too_long`` (``pages``).
    """
    data = stream.read(max_bytes + 1)
    if not data:
        raise Refusal("file_empty")
    if len(data) > max_bytes:
        raise Refusal("file_too_big", megabytes=max_bytes // MEGABYTE)
    name = PurePath(filename.replace("\\", "/")).name
    media_type = _type_of(data)
    _check_name(name, media_type)
    if media_type == PDF:
        return _checked(name, PDF, data, count_safe_pages(data, MAX_PAGES))
    media_type, data = clean_image(data, keep_png=media_type == PNG)
    return _checked(name, media_type, data, 1)


def _type_of(data: bytes) -> str:
    kind = filetype.guess(data[:8192])
    media_type = {"image/heif": HEIC}.get(kind.mime, kind.mime) if kind else ""
    if media_type not in _EXTENSIONS:
        raise Refusal("file_type_refused")
    return media_type


def _check_name(name: str, media_type: str) -> None:
    extension = PurePath(name).suffix.lower()
    if extension not in _EXTENSIONS[media_type]:
        kind = media_type.rsplit("/", 1)[1].upper()
        raise Refusal("file_mismatch", extension=extension, kind=kind)


def _checked(name: str, media_type: str, data: bytes, pages: int) -> CheckedFile:
    suffix = {JPEG: ".jpg", PNG: ".png", PDF: ".pdf"}[media_type]
    stem = "".join(sign for sign in PurePath(name).stem if sign.isprintable()).strip()[:150] or "document"
    return CheckedFile(stem + suffix, media_type, data, pages, hashlib.sha256(data).hexdigest())
