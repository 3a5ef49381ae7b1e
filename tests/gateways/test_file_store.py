"""The private folder: random names, whole files or none, nothing outside it."""

import stat
from pathlib import Path

import pytest

from domain.documents.storage import FileStore
from gateways.files import LocalFileStore


@pytest.fixture
def store(tmp_path: Path) -> LocalFileStore:
    return LocalFileStore(tmp_path / "files")


def test_bytes_come_back(store: FileStore) -> None:
    key = store.put(b"bonjour", "application/pdf")

    with store.open(key) as file:
        assert file.read() == b"bonjour"
    assert key.endswith(".pdf")


def test_same_bytes_get_another_key(store: LocalFileStore) -> None:
    assert store.put(b"x", "image/png") != store.put(b"x", "image/png")


def test_file_is_private_and_alone(store: LocalFileStore) -> None:
    key = store.put(b"x", "image/jpeg")

    path = store.folder / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found for found in store.folder.rglob("*") if found.is_file()] == [path]
    assert len(path.relative_to(store.folder).parts) == 3


def test_deleted_file_is_gone_and_may_be_deleted_again(store: LocalFileStore) -> None:
    key = store.put(b"x", "image/jpeg")

    store.delete(key)
    store.delete(key)

    with pytest.raises(FileNotFoundError):
        store.open(key)


@pytest.mark.parametrize(
    "key", ["../secret_key.txt", "/etc/passwd", "", "ab/cd/../../x", "ab/cd/" + "0" * 31]
)
def test_nothing_outside_the_folder_is_reached(store: LocalFileStore, key: str) -> None:
    outside = store.folder.parent / "secret_key.txt"
    outside.write_text("secret")

    with pytest.raises(FileNotFoundError):
        store.open(key)
    store.delete(key)

    assert outside.exists()
