"""Staff install a carte scolaire by page or by command: checked first, then whole or not at all."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.schools import SchoolSector
from tests.support.households import make_setting
from tests.support.pages import Visitor
from tests.support.people import make_staff

FILE = Path(__file__).parents[2] / "demo" / "data" / "secteurs.csv"
ADDRESS = "/admin/carte-scolaire/"


@pytest.fixture
def agent(app: Flask, store: Session) -> Visitor:
    make_setting(store)
    user = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    return Visitor(app).sign_in(user)


def segments(store: Session) -> int:
    return store.scalar(select(func.count()).select_from(SchoolSector)) or 0


def upload(agent: Visitor, data: bytes, status: int = 200):
    page = agent.get(ADDRESS)
    return agent.submit(
        page, {"file": (BytesIO(data), "secteurs.csv")}, action="/carte-scolaire/", status=status
    )


def test_a_map_is_checked_installed_once_and_asked(agent: Visitor, store: Session) -> None:
    check = upload(agent, FILE.read_bytes())
    assert segments(store) == 0

    done = agent.submit(check, action="/importer")
    again = agent.client.post(f"{done.path}/importer", data={"csrf_token": "none"})

    assert "Carte installée" in done.text
    assert again.status_code in (302, 400)
    assert segments(store) == 28
    tried = agent.get(f"{ADDRESS}?adresse=12+bis+rue+des+Ecoles")
    assert "Maternelle Jacques Prévert" in tried.text
    assert "du n° 12 bis au n° 12 ter, côté pair" in tried.text
    assert "Cette rue n’est pas dans la carte scolaire" in agent.get(f"{ADDRESS}?adresse=3+rue+Lune").text


def test_a_fault_keeps_the_whole_map_out(agent: Visitor, store: Session) -> None:
    check = upload(agent, FILE.read_bytes().replace(b"0450005E", b"0459999Z", 1))

    assert "Aucune école du portail n’a l’UAI 0459999Z" in check.text
    assert not check.all("button", type="submit") or "Remplacer" not in check.text
    assert agent.client.get(f"{check.path}/a-corriger.csv").data.startswith("\ufeffligne;a_corriger".encode())
    assert segments(store) == 0


def test_a_file_that_is_no_map_is_explained(agent: Visitor) -> None:
    page = upload(agent, b"rue;ecole\nA;B\n", status=422)

    assert "Il manque les colonnes" in page.text


def test_the_regisseur_has_no_map(app: Flask, store: Session, agent: Visitor) -> None:
    user = make_staff(store, "regie@mairie.example", Role.REGISSEUR)
    store.commit()

    Visitor(app).sign_in(user).get(ADDRESS, status=403)


def test_the_command_checks_first_and_replaces_when_told(
    app: Flask, store: Session, agent: Visitor, tmp_path: Path
) -> None:
    run = app.test_cli_runner().invoke
    dry = run(args=["import-sectors", str(FILE)])
    assert dry.exit_code == 0, dry.output
    assert "Rien n’a été écrit" in dry.output
    assert segments(store) == 0

    for _ in range(2):
        applied = run(args=["import-sectors", str(FILE), "--apply"])
        assert applied.exit_code == 0, applied.output
        store.expire_all()
        assert segments(store) == 28

    bad = tmp_path / "secteurs.csv"
    bad.write_bytes(FILE.read_bytes().replace(b";PI;", b";XX;", 1))
    refused = run(args=["import-sectors", str(bad), "--apply"])
    assert refused.exit_code == 1
    assert "ligne 6, parite" in refused.output
    assert segments(store) == 28
