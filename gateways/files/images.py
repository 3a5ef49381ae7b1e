"""Photos made anew: turned upright, of a sane size, without the place and the camera that they carry."""

import warnings
from io import BytesIO

import pillow_heif
from PIL import Image, ImageFile, ImageOps

from domain.errors import Refusal

# A phone's largest photo has 200 million points; a page is legible long before.
MAX_PIXELS = 64_000_000
MAX_SIDE = 2600
JPEG_QUALITY = 85

pillow_heif.register_heif_opener()


def clean_image(data: bytes, *, keep_png: bool) -> tuple[str, bytes]:
    """Return the media type and bytes of the image made anew: JPEG, or PNG when ``keep_png``.

    Raises:
        Refusal: ``image_too_large`` (``megapixels``) before anything is unpacked; ``file_unreadable``.
    """
    # WeasyPrint allows half images when it is imported; half a proof proves nothing.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            # Our own limit, below, is stricter and comes first.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(BytesIO(data), formats=["JPEG", "PNG", "HEIF"])
        _check_size(image)
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        image.load()
        image = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise Refusal("image_too_large", megapixels=MAX_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError) as error:
        raise Refusal("file_unreadable") from error
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return _encode(image, keep_png=keep_png)


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Refusal("image_too_large", megapixels=MAX_PIXELS // 1_000_000)


def _encode(image: Image.Image, *, keep_png: bool) -> tuple[str, bytes]:
    """Write the points alone: a fresh image carries neither EXIF, nor comments, nor text chunks."""
    output = BytesIO()
    if keep_png:
        mode = image.mode if image.mode in ("L", "RGB", "RGBA") else "RGBA"
        _bare(image.convert(mode)).save(output, "PNG", optimize=True)
        return "image/png", output.getvalue()
    _bare(image.convert("RGB")).save(output, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return "image/jpeg", output.getvalue()


def _bare(image: Image.Image) -> Image.Image:
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare
