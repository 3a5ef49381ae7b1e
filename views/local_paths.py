"""Addresses to go back to, taken from a link: of this portal only."""

from urllib.parse import urlsplit


def local_path(target: str | None, otherwise: str) -> str:
    """Return ``target`` when it is a path of this portal, else ``otherwise``.

    A browser reads a backslash as a slash and skips tabs and line ends, so anything of that kind is refused.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    if "\\" in target or any(not sign.isprintable() for sign in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target
