"""From an empty database to a first sign-in, and a list of families imported, by commands alone."""

from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import User
from models.calendar import SchoolYear
from models.family import Child, Family
from models.schools import School, SchoolKind, Site
from models.town import Town

TOWN = ["install", "--name", "Saint-Préau", "--insee", "45999", "--postcode", "45110", "--zone", "B"]
FILE = Path(__file__).parents[2] / "demo" / "data" / "familles.csv"


def test_a_town_is_installed_once(app: Flask, store: Session) -> None:
    first = app.test_cli_runner().invoke(args=TOWN)
    second = app.test_cli_runner().invoke(args=TOWN)

    assert first.exit_code == 0, first.output
    assert second.exit_code == 1
    assert "déjà une commune" in second.output
    assert store.scalar(select(Town.name)) == "Saint-Préau"
    assert store.scalar(select(func.count()).select_from(SchoolYear)) == 1


def test_a_first_administrator_gets_an_account_with_a_strong_password(app: Flask, store: Session) -> None:
    app.test_cli_runner().invoke(args=TOWN)
    arguments = ["create-staff", "--email", "Anne@Mairie.example", "--name", "Anne", "--password"]

    weak = app.test_cli_runner().invoke(args=[*arguments, "azerty"])
    strong = app.test_cli_runner().invoke(args=[*arguments, "Un-Parc-Sous-La-Pluie-7"])

    assert weak.exit_code == 1
    assert strong.exit_code == 0, strong.output
    user = store.scalars(select(User)).one()
    assert user.email == "anne@mairie.example"
    assert user.password != "Un-Parc-Sous-La-Pluie-7"


def schools(store: Session) -> None:
    names = {
        "Maternelle Jacques Prévert": SchoolKind.NURSERY,
        "Groupe scolaire Simone Veil": SchoolKind.PRIMARY,
        "Élémentaire Jules Ferry": SchoolKind.ELEMENTARY,
    }
    for number, (name, kind) in enumerate(names.items()):
        site = Site(name=name)
        store.add(site)
        store.flush()
        store.add(School(site_id=site.id, name=name, uai=f"045000{number}A", kind=kind))
    store.commit()


def test_a_dry_run_writes_nothing_and_names_every_bad_row(app: Flask, store: Session, tmp_path: Path) -> None:
    app.test_cli_runner().invoke(args=TOWN)
    schools(store)
    rejects = tmp_path / "a-corriger.csv"

    result = app.test_cli_runner().invoke(args=["import-families", str(FILE), "--rejects", str(rejects)])

    assert result.exit_code == 0, result.output
    assert "ligne 21, code_postal" in result.output
    assert "Rien n’a été écrit" in result.output
    assert store.scalar(select(func.count()).select_from(Family)) == 0
    lines = rejects.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("ligne;a_corriger;code_famille")
    assert any("zéro six" in line for line in lines)


def test_importing_twice_duplicates_nothing(app: Flask, store: Session) -> None:
    app.test_cli_runner().invoke(args=TOWN)
    schools(store)

    first = app.test_cli_runner().invoke(args=["import-families", str(FILE), "--apply"])
    counts = [store.scalar(select(func.count()).select_from(table)) for table in (Family, Child)]
    second = app.test_cli_runner().invoke(args=["import-families", str(FILE), "--apply"])
    store.expire_all()

    assert first.exit_code == 0, first.output
    assert second.exit_code == 0, second.output
    assert counts[0] > 400
    assert [store.scalar(select(func.count()).select_from(table)) for table in (Family, Child)] == counts


def test_a_file_that_is_no_list_is_explained(app: Flask, tmp_path: Path) -> None:
    app.test_cli_runner().invoke(args=TOWN)
    picture = tmp_path / "familles.csv"
    picture.write_bytes(b"\x89PNG and the rest")

    result = app.test_cli_runner().invoke(args=["import-families", str(picture)])

    assert result.exit_code == 1
    assert "n’est pas un fichier CSV" in result.output
