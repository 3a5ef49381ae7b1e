"""Where private files are kept: what the rules need of it, whatever disk or service stands behind."""

from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class NewFile:
    """A checked file whose bytes the store keeps already, and that no row names yet."""

    key: str
    filename: str
    media_type: str
    size: int
    pages: int
    sha256: str


class StoreUnavailable(OSError):
    """The place where files are kept does not answer; nothing is lost, and asking again later may work."""


class FileStore(Protocol):
    """Keeps bytes under keys of its own making; a key says nothing about what it opens.

    Every verb may raise ``StoreUnavailable``.
    """

    def put(self, data: bytes, media_type: str) -> str:
        """Keep the bytes and return their new key; they are safely on disk when this returns."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Return the bytes of a key, opened for reading.

        Raises:
            FileNotFoundError: the store holds nothing under this key.
        """
        ...

    def delete(self, key: str) -> None:
        """Forget the bytes of a key; a key that holds nothing is no error."""
        ...
