"""The town's logo: small, made anew, ready for pages and letters."""

from io import BytesIO
from typing import BinaryIO

from PIL import Image

from domain.errors import Refusal
from gateways.files.checks import JPEG, PNG, inspect_upload

MAX_BYTES = 2 * 1024 * 1024
HEIGHT, WIDTH = 160, 640


def inspect_logo(stream: BinaryIO, filename: str) -> tuple[str, bytes]:
    """Return the media type and bytes of a logo at most 160 points high and 640 wide.

    Raises:
        Refusal: ``logo_not_image``, or what ``inspect_upload`` refuses.
    """
    checked = inspect_upload(stream, filename, max_bytes=MAX_BYTES)
    if checked.media_type not in (JPEG, PNG):
        raise Refusal("logo_not_image")
    image: Image.Image = Image.open(BytesIO(checked.data))
    image.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    output = BytesIO()
    image.save(output, "PNG" if checked.media_type == PNG else "JPEG", optimize=True)
    return checked.media_type, output.getvalue()
