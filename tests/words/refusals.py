"""A refusal's file is one message, conditions and all: views/errors.py renders its translation as a template."""

from collections.abc import Iterator
from typing import Any, BinaryIO


def extract(
    fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the whole sentence of a refusal, as pybabel asks of a method."""
    yield 1, "gettext", fileobj.read().decode().strip(), []
