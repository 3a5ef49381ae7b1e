"""The guides as people open them: families, each role of staff, a search, and the printed copies."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from domain.actor import Role
from models.town import Town
from tests.support.pages import Page, Visitor, text_of
from tests.support.people import make_staff
from views.guides import READERS

PAPERS = "/documents-a-telecharger"


@pytest.fixture
def town(store: Session) -> Town:
    row = Town(id=1, name="Orvanne", insee_code="45001", postcode="45000", phone="+33238112233")
    store.add(row)
    store.commit()
    return row


@pytest.fixture
def staff(app: Flask, store: Session, town: Town) -> Callable[[str], Visitor]:
    def sign_in(role: str) -> Visitor:
        user = make_staff(store, f"{role}@mairie.example", Role(role))
        store.commit()
        return Visitor(app).sign_in(user)

    return sign_in


def titles(page: Page) -> list[str]:
    return [text_of(one) for one in page.all("h2")]


def test_the_guide_of_the_families_is_open_to_everybody(visitor: Visitor) -> None:
    page = visitor.get("/aide")

    assert "Réserver, annuler, signaler une absence" in titles(page)


def test_a_page_has_its_tasks_and_its_neighbours(visitor: Visitor) -> None:
    page = visitor.get("/aide/reserver")

    assert "Mon enfant est malade" in titles(page)
    links = {link.get("href") for link in page.all("a")}
    assert {"#reserver-un-mois", "/aide/inscrire", "/aide/factures"} <= links


def test_a_page_that_nobody_wrote_is_not_found(visitor: Visitor) -> None:
    visitor.get("/aide/rien-de-tel", status=404)


def test_a_search_leads_to_the_section(visitor: Visitor) -> None:
    page = visitor.get("/aide?q=CARTE+bancaire+payer")

    first = next(
        link for link in page.all("a") if "#" in (link.get("href") or "") and "/aide/" in link.get("href")
    )
    assert first.get("href") == "/aide/factures#payer-par-carte"


def test_a_search_without_result_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.get("/aide?q=trottinette")

    assert "Le guide ne dit rien sur" in page.text
    assert "/horaires-et-contact" in page.response.text


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PARENT}))
def test_each_role_finds_its_own_guides(staff: Callable[[str], Visitor], role: str) -> None:
    visitor = staff(role)

    page = visitor.get("/admin/aide")

    shown = {key for key in READERS if f"/admin/aide/{key}/" in page.response.text}
    assert shown == {key for key, readers in READERS.items() if role in readers}


def test_a_leader_does_not_search_the_installers_guide(staff: Callable[[str], Visitor]) -> None:
    page = staff("activity_leader").get("/admin/aide?q=PREAU_SECRET_KEY")

    assert "Vos guides ne disent rien sur" in page.text


def test_the_help_of_a_screen_leads_to_its_own_section(staff: Callable[[str], Visitor]) -> None:
    page = staff("administrator").get("/admin/guichet")

    assert "/admin/aide/regisseur/guichet#ouvrir-ma-caisse" in page.response.text


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("name", ["procedure-d-acces", "manuel-d-utilisation"])
def test_a_printed_copy_is_tagged_and_speaks_french(visitor: Visitor, name: str) -> None:
    answer = visitor.client.get(f"{PAPERS}/{name}.pdf")

    assert answer.mimetype == "application/pdf"
    document = PdfReader(BytesIO(answer.data))
    root = document.trailer["/Root"]
    assert str(root["/Lang"]).startswith("fr")
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert document.metadata is not None
    assert document.metadata.title in (
        "Procédure d’accès à l’espace famille",
        "Manuel d’utilisation de l’espace famille",
    )
    assert "02 38 11 22 33" in "".join(page.extract_text() for page in document.pages).replace("\u00a0", " ")


def test_a_printed_copy_is_drawn_once_and_again_when_the_town_changes(
    app: Flask, visitor: Visitor, store: Session, town: Town
) -> None:
    folder: Path = app.config["PREAU"].var_dir / "guides"
    path = f"{PAPERS}/procedure-d-acces.pdf"
    first = visitor.client.get(path).data
    drawn = [one.name for one in folder.iterdir()]

    assert visitor.client.get(path).data == first
    assert [one.name for one in folder.iterdir()] == drawn

    town.phone = "+33238445566"
    store.commit()
    assert visitor.client.get(path).data != first
    assert len(list(folder.iterdir())) == 1
    assert [one.name for one in folder.iterdir()] != drawn


@pytest.mark.parametrize("name", ["autre.pdf", "procedure-d-acces.txt", "..pdf"])
def test_no_other_file_is_given(visitor: Visitor, name: str) -> None:
    assert visitor.client.get(f"{PAPERS}/{name}").status_code == 404
