"""Compiled templates, kept beside Python's compiled modules: a page's first visitor need not wait for either."""

import logging
import os
import sys
from importlib.metadata import version

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from config import ROOT

log = logging.getLogger(__name__)


class CompiledTemplates(FileSystemBytecodeCache):
    """Jinja's own cache, which compares each template with what it was compiled from."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template; a page is answered even where the disk is full."""
        try:
            super().dump_bytecode(bucket)
        except OSError as error:
            log.warning("A compiled template could not be kept: %s", error)


def init_compiled_templates(app: Flask) -> None:
    """Keep what is compiled, where Python may keep its own and the program may write."""
    if sys.dont_write_bytecode or not os.access(ROOT, os.W_OK):
        return
    # Jinja does not see by itself that a file is of another version of it.
    folder = ROOT / "__pycache__" / f"templates-{version('jinja2')}"
    folder.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = CompiledTemplates(str(folder))
