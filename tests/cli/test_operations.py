"""What an operator does: look an installation over, back it up, put it back."""

import sqlite3
import tarfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from domain import clock
from models.family import Family
from models.messages import MailState, OutboxMail
from tests.cli.test_install import TOWN
from tests.support.households import make_household


def run(app: Flask, *arguments: object):
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def test_the_doctor_says_what_is_missing_and_then_that_all_is_well(app: Flask, store: Session) -> None:
    before = run(app, "doctor")
    assert before.exit_code == 1
    assert "flask --app app install" in before.output
    assert "flask --app app create-staff" in before.output

    run(app, *TOWN)
    words = ["--email", "anne@mairie.example", "--name", "Anne", "--password", "Un-Parc-Sous-La-Pluie-7"]
    run(app, "create-staff", *words)
    after = run(app, "doctor")

    assert "flask --app app" not in after.output.replace("flask --app app db upgrade", "")


def test_the_doctor_sees_that_the_worker_sleeps(app: Flask, store: Session) -> None:
    run(app, *TOWN)
    old = clock.now() - timedelta(hours=1)
    store.add(
        OutboxMail(
            recipient="a@b.example",
            kind="test",
            subject="Essai",
            text_body="Essai",
            html_body="",
            state=MailState.QUEUED,
            next_try_at=old,
            created_at=old,
            created_by="test",
            updated_at=old,
            updated_by="test",
        )
    )
    store.commit()

    assert "courriels en attente (1)" in run(app, "doctor").output


def test_a_backup_holds_the_families_and_their_files_and_comes_back(
    app: Flask, store: Session, tmp_path: Path
) -> None:
    make_household(store)
    store.commit()
    files = app.config["PREAU"].var_dir / "files" / "ab"
    files.mkdir(parents=True)
    (files / "piece.pdf").write_bytes(b"%PDF")
    target = tmp_path / "sauvegarde.tar.gz"

    assert run(app, "backup", target).exit_code == 0
    with tarfile.open(target) as archive:
        assert "files/ab/piece.pdf" in archive.getnames()
    store.execute(delete(Family))
    store.commit()
    (files / "piece.pdf").unlink()
    store.close()

    refused = run(app, "restore", target)
    assert "--replace" in refused.output
    assert run(app, "restore", "--replace", target).exit_code == 0

    with closing(sqlite3.connect(app.config["PREAU"].database_url.removeprefix("sqlite:///"))) as found:
        assert found.execute("SELECT name FROM family").fetchall() == [("Martin",)]
    assert (files / "piece.pdf").read_bytes() == b"%PDF"


def test_a_backup_overwrites_nothing_and_rubbish_is_not_put_back(app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "sauvegarde.tar.gz"
    target.write_bytes(b"rubbish")

    assert "existe déjà" in run(app, "backup", target).output
    assert "pas une sauvegarde lisible" in run(app, "restore", "--replace", target).output
