"""The names that a file store gives: random, saying nothing of what they open."""

import re
import secrets

_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/csv": ".csv",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}(\.[a-z]{3,4})?")


def new_key(media_type: str) -> str:
    """Return a key that no file has yet."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name[2:4]}/{name}{_SUFFIXES.get(media_type, '')}"


def is_key(text: str) -> bool:
    """Whether a text is a key of ours: anything else could name a file of somebody else's."""
    return _KEY.fullmatch(text) is not None


def known(key: str) -> str:
    """Return the key.

    Raises:
        FileNotFoundError: no store of ours gave it.
    """
    if not is_key(key):
        msg = f"not a key of this store: {key!r}"
        raise FileNotFoundError(msg)
    return key
