"""Files: what a family may upload, checked by content, and the private place that keeps it."""

from gateways.files.checks import MAX_BYTES, MAX_PAGES, CheckedFile, inspect_upload
from gateways.files.combine import combine_files
from gateways.files.object_store import Bucket, open_bucket
from gateways.files.preview import draw_page
from gateways.files.store import LocalFileStore

__all__ = [
    "MAX_BYTES",
    "MAX_PAGES",
    "Bucket",
    "CheckedFile",
    "LocalFileStore",
    "combine_files",
    "draw_page",
    "inspect_upload",
    "open_bucket",
]
