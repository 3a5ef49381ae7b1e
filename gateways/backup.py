"""The whole of an installation in one file: the database as it stood at one instant, and the files it names."""

import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

DATABASE_SQLITE, DATABASE_POSTGRES, FILES = "database.sqlite", "database.dump", "files"


class BackupError(Exception):
    """A backup cannot be made or put back; the message says why, in French, for the operator."""


def make_backup(target: Path, *, database_url: str, files: Path) -> None:
    """Write a backup; the portal may go on working.

    The database is copied first, so that every file it names is there when the files are copied after it.

    Raises:
        BackupError: the target exists, or the database's own tool failed.
    """
    if target.exists():
        raise BackupError(f"{target} existe déjà : choisissez un autre nom.")
    with tempfile.TemporaryDirectory() as folder, _partial(target) as part:
        dump = _dump(database_url, Path(folder))
        with tarfile.open(part, "w:gz") as archive:
            archive.add(dump, dump.name)
            if files.is_dir():
                archive.add(files, FILES)


class _partial:  # noqa: N801 - reads as a verb where it is used
    """Gives a name to write to, which becomes the target only when everything went well."""

    def __init__(self, target: Path) -> None:
        self.target, self.part = target, target.with_name(f".{target.name}.part")

    def __enter__(self) -> Path:
        return self.part

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is None:
            self.part.replace(self.target)
        else:
            self.part.unlink(missing_ok=True)


def _dump(database_url: str, folder: Path) -> Path:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        path = folder / DATABASE_SQLITE
        with (
            closing(sqlite3.connect(str(url.database))) as source,
            closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
        return path
    path = folder / DATABASE_POSTGRES
    _run(["pg_dump", "--format=custom", f"--file={path}", _libpq(database_url)])
    return path


def restore_backup(source: Path, *, database_url: str, files: Path, replace: bool = False) -> None:
    """Put a backup back in the place of an empty installation, or of any with ``replace``.

    Raises:
        BackupError: the file is no backup, is of another kind of database, or the place is taken.
    """
    url = make_url(database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    wanted = DATABASE_SQLITE if is_sqlite else DATABASE_POSTGRES
    taken = [path for path in (Path(str(url.database)),) if is_sqlite and path.exists()]
    taken += [files] if files.is_dir() and any(files.iterdir()) else []
    if taken and not replace:
        raise BackupError(f"{taken[0]} existe déjà : ajoutez --replace pour l’écraser.")
    with tempfile.TemporaryDirectory() as folder:
        inside = _unpack(source, Path(folder))
        if not (inside / wanted).is_file():
            raise BackupError(f"{source} ne contient pas de base de ce type ({wanted}).")
        if is_sqlite:
            _put_sqlite(inside / wanted, Path(str(url.database)))
        else:
            _run(
                [
                    "pg_restore",
                    "--clean",
                    "--if-exists",
                    "--no-owner",
                    f"--dbname={_libpq(database_url)}",
                    str(inside / wanted),
                ]
            )
        if (inside / FILES).is_dir():
            shutil.rmtree(files, ignore_errors=True)
            shutil.copytree(inside / FILES, files)


def _unpack(source: Path, folder: Path) -> Path:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise BackupError(f"{source} n’est pas une sauvegarde lisible : {error}") from error
    return folder


def _put_sqlite(copy: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copy(copy, part)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    part.replace(target)


def _libpq(database_url: str) -> str:
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} manque : installez les outils de PostgreSQL.") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command[0]} a échoué : {error.stderr.strip()}") from error
