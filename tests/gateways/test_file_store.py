"""The private folder and the private bucket: random names, whole files or none, nothing outside."""

import stat
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from domain.documents.storage import FileStore, StoreUnavailable
from gateways.files import Bucket, LocalFileStore, open_bucket
from gateways.files.object_store import BucketFileStore


class Service(ThreadingHTTPServer):
    """As much of an S3 service as a file store needs: it keeps what it is given, and who asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.kept: dict[str, tuple[bytes, str]] = {}
        self.signed: set[bool] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Service

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept[self.path] = body, self.headers["Content-Type"]
        self._answer(HTTPStatus.OK)

    def do_GET(self) -> None:
        found = self.server.kept.get(self.path)
        self._answer(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, found[0] if found else b"")

    def do_DELETE(self) -> None:
        self.server.kept.pop(self.path, None)
        self._answer(HTTPStatus.NO_CONTENT)

    def do_POST(self) -> None:
        """Delete many: how the client deletes even one."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        gone = [path for path in self.server.kept if path.removeprefix("/pieces/") in asked]
        for path in gone:
            del self.server.kept[path]
        keys = "".join(f"<Deleted><Key>{path.removeprefix('/pieces/')}</Key></Deleted>" for path in gone)
        self._answer(HTTPStatus.OK, f"<DeleteResult>{keys}</DeleteResult>".encode())

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        self.server.signed.add(self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=preau/"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 08:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def bucket_at(url: str) -> BucketFileStore:
    return open_bucket(Bucket(name="pieces", endpoint=url, region="gra", key_id="preau", secret="s" * 20))


@pytest.fixture
def folder(tmp_path: Path) -> LocalFileStore:
    return LocalFileStore(tmp_path / "files")


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, folder: LocalFileStore) -> FileStore:
    return folder if request.param == "folder" else BucketFileStore(MemoryStore())


def test_bytes_come_back(store: FileStore) -> None:
    key = store.put(b"bonjour", "application/pdf")

    with store.open(key) as file:
        assert file.read() == b"bonjour"
    assert key.endswith(".pdf")


def test_same_bytes_get_another_key(store: FileStore) -> None:
    assert store.put(b"x", "image/png") != store.put(b"x", "image/png")


def test_file_is_private_and_alone(folder: LocalFileStore) -> None:
    key = folder.put(b"x", "image/jpeg")

    path = folder.folder / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found for found in folder.folder.rglob("*") if found.is_file()] == [path]
    assert len(path.relative_to(folder.folder).parts) == 3


def test_deleted_file_is_gone_and_may_be_deleted_again(store: FileStore) -> None:
    key = store.put(b"x", "image/jpeg")

    store.delete(key)
    store.delete(key)

    with pytest.raises(FileNotFoundError):
        store.open(key)


@pytest.mark.parametrize(
    "key", ["../secret_key.txt", "/etc/passwd", "", "ab/cd/../../x", "ab/cd/" + "0" * 31]
)
def test_nothing_outside_the_folder_is_reached(store: FileStore, folder: LocalFileStore, key: str) -> None:
    outside = folder.folder.parent / "secret_key.txt"
    outside.write_text("secret")

    with pytest.raises(FileNotFoundError):
        store.open(key)
    store.delete(key)

    assert outside.exists()


def test_the_bucket_is_reached_over_the_network_with_a_signature(service: Service) -> None:
    store = bucket_at(service.url)

    key = store.put(b"livret", "application/pdf")

    assert service.kept == {f"/pieces/{key}": (b"livret", "application/pdf")}
    with store.open(key) as file:
        assert file.read() == b"livret"
    store.delete(key)
    assert service.kept == {}
    with pytest.raises(FileNotFoundError):
        store.open(key)
    assert service.signed == {True}


def test_a_bucket_that_refuses_says_so(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(answers: _Answers) -> None:
        answers.rfile.read(int(answers.headers["Content-Length"]))
        answers._answer(HTTPStatus.FORBIDDEN)

    monkeypatch.setattr(_Answers, "do_PUT", refuse)

    with pytest.raises(StoreUnavailable):
        bucket_at(service.url).put(b"x", "image/png")
