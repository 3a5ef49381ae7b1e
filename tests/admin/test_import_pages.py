"""Staff import the older tool's file: checked first, then its good rows written, once."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask_security.utils import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.install import create_staff_account
from models.family import Family
from tests.support.households import ACTOR, AUGUST, make_setting
from tests.support.pages import Visitor
from tests.support.work import do_jobs

FILE = Path(__file__).parents[2] / "demo" / "data" / "familles.csv"
ADDRESS = "/admin/importer-des-familles/"


def someone(app: Flask, store: Session, role: Role) -> Visitor:
    with app.test_request_context():
        password = hash_password("Un-Mot-De-Passe-2026")
    user = create_staff_account(
        store,
        actor=ACTOR,
        now=AUGUST,
        email=f"{role}@mairie.example",
        name="Sam",
        role=role,
        password_hash=password,
    )
    store.commit()
    app.config["WTF_CSRF_ENABLED"] = False  # the token is another test's affair
    return Visitor(app).sign_in(user)


@pytest.fixture
def agent(app: Flask, store: Session) -> Visitor:
    make_setting(store)
    return someone(app, store, Role.SCHOOL_AGENT)


def upload(agent: Visitor, data: bytes) -> tuple[int, str, str]:
    answer = agent.client.post(ADDRESS, data={"file": (BytesIO(data), "familles.csv")})
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def test_the_file_is_checked_then_its_good_rows_are_imported_once(
    app: Flask, agent: Visitor, store: Session
) -> None:
    status, work, _ = upload(agent, FILE.read_bytes())
    assert status == 302
    do_jobs(app)

    page = agent.get(agent.get(work).links()["Voir le résultat"])
    check = page.path
    assert "Ligne" in page.text
    assert "zéro six" in page.text
    assert store.scalar(select(func.count()).select_from(Family)) == 0
    for _ in range(2):
        assert agent.client.post(f"{check}/importer").status_code == 302
    do_jobs(app)
    store.expire_all()
    assert store.scalar(select(func.count()).select_from(Family)) == 419
    past = agent.get(ADDRESS).text
    assert "familles.csv" in past
    assert "419 familles" in past
    rejects = agent.client.get(f"{check}/a-corriger.csv")
    assert rejects.data.startswith("\ufeffligne;a_corriger;".encode())


def test_windows_1252_is_read(agent: Visitor) -> None:
    text = FILE.read_text("utf-8-sig").encode("cp1252", "replace")

    assert upload(agent, text)[0] == 302


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Choisissez le fichier"),
        (b"PK\x03\x04 a workbook", "n’est pas un fichier CSV"),
        (b"code_famille;ecole\n1;A\n", "Il manque les colonnes"),
    ],
)
def test_a_wrong_file_is_explained_beside_the_field(agent: Visitor, data: bytes, words: str) -> None:
    status, _, text = upload(agent, data)

    assert status == 422
    assert words in text


def test_only_the_desk_imports(app: Flask, store: Session, agent: Visitor) -> None:
    someone(app, store, Role.REGISSEUR).get(ADDRESS, status=403)
