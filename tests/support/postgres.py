"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import URL, create_engine, text

# Speed before safety: this data may be lost at any time.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "150",
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's server programs.

    Raises:
        FileNotFoundError: PostgreSQL is not installed; `make test` installs it.
    """
    if shutil.which("pg_config"):
        asked = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        if (folder := Path(asked.stdout.strip())).joinpath("initdb").exists():
            return folder
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not versions:
        msg = "PostgreSQL's server programs are missing: apt-get install postgresql-15"
        raise FileNotFoundError(msg)
    return max(versions, key=lambda folder: int(folder.parent.name))


@dataclass(frozen=True)
class Cluster:
    """A running server.

    Args:
        folder: where its data and its socket are.
        binaries: where `pg_ctl` is.
    """

    folder: Path
    binaries: Path

    @classmethod
    def start(cls) -> Self:
        """Make a cluster and start it; takes less than a second."""
        cluster = cls(folder=Path(tempfile.mkdtemp(prefix="preau-pg-")), binaries=find_binaries())
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(cluster.folder, owner.pw_uid, owner.pw_gid)
        cluster._run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N")
        settings = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        options = f"{settings} -k {cluster.folder}"
        cluster._run("pg_ctl", "start", "-w", "-l", str(cluster.folder / "log"), "-o", options)
        return cluster

    def stop(self) -> None:
        """Stop the server and remove what it wrote."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-w")
        shutil.rmtree(self.folder)

    def create_database(self, name: str, like: str = "template1") -> URL:
        """Make a database, a copy of another to which nobody is connected, and return its address."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'))
        engine.dispose()
        return self.url(name)

    def url(self, database: str) -> URL:
        """Return the address of a database of this cluster."""
        return URL.create(
            "postgresql+psycopg", username="postgres", database=database, query={"host": str(self.folder)}
        )

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, as `postgres` when we are root, which it refuses to be."""
        done = subprocess.run(
            [str(self.binaries / program), "-D", str(self.folder / "data"), *arguments],
            cwd=self.folder,
            user="postgres" if os.geteuid() == 0 else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            text=True,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            details = log.read_text() if log.exists() else done.stderr
            msg = f"{program} failed: {details}"
            raise RuntimeError(msg)
