"""The file store of several machines: a bucket of any service that speaks S3, as OVHcloud's or a MinIO of one's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import BinaryIO

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from domain.documents.storage import StoreUnavailable
from gateways.files.keys import is_key, known, new_key

# A page waits for it: a service that does not answer is told soon, and the person tries again.
TIMEOUT, RETRIES, RETRIED_FOR = timedelta(seconds=20), 2, timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is, and the account that may use it.

    Args:
        endpoint: the address of the service; that of Amazon's region when it is empty.
    """

    name: str
    endpoint: str
    region: str
    key_id: str
    secret: str


def open_bucket(where: Bucket) -> "BucketFileStore":
    """Return the store that keeps its files in a bucket; nothing is asked of the service yet."""
    service = S3Store(
        where.name,
        endpoint=where.endpoint or None,
        region=where.region,
        access_key_id=where.key_id,
        secret_access_key=where.secret,
        client_options={"timeout": TIMEOUT, "allow_http": where.endpoint.startswith("http://")},
        retry_config={"max_retries": RETRIES, "retry_timeout": RETRIED_FOR},
    )
    return BucketFileStore(service)


class BucketFileStore:
    """Keeps files in a private bucket; see ``domain.documents.storage.FileStore``."""

    def __init__(self, bucket: ObjectStore) -> None:
        self._bucket = bucket

    def put(self, data: bytes, media_type: str) -> str:
        """Keep the bytes under a new random key; the service has them whole when this returns."""
        key = new_key(media_type)
        with _told():
            self._bucket.put(key, data, attributes={"Content-Type": media_type})
        return key

    def open(self, key: str) -> BinaryIO:
        """Return the bytes of a key, opened for reading.

        Raises:
            FileNotFoundError: no such file, or not a key of this store.
        """
        with _told():
            return BytesIO(bytes(self._bucket.get(known(key)).bytes()))

    def delete(self, key: str) -> None:
        """Remove the bytes of a key; nothing happens when they are gone already."""
        if not is_key(key):
            return
        try:
            with _told():
                self._bucket.delete(key)
        except FileNotFoundError:
            return


@contextmanager
def _told() -> Iterator[None]:
    """Tell in the house's words that the service does not answer, or refuses."""
    try:
        yield
    except BaseError as error:
        raise StoreUnavailable(str(error)) from error
