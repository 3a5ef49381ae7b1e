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
from views.guide_documents import draw_guides
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


@pytest.fixture
def worker(app: Flask) -> Callable[[], int]:
    """Do what the worker does when it next looks for guides to draw."""

    def work() -> int:
        with app.test_request_context("/", base_url=app.config["PREAU"].public_url):
            return draw_guides()

    return work


@pytest.mark.usefixtures("town")
def test_somebody_who_comes_before_the_worker_is_told_to_come_back(
    visitor: Visitor, worker: Callable[[], int]
) -> None:
    path = f"{PAPERS}/procedure-d-acces.pdf"

    early = visitor.get(path, status=202)
    listed = visitor.get(PAPERS)
    worker()

    assert "en préparation" in early.text
    assert early.links()["Actualiser la page"] == path
    assert "en préparation" in listed.text
    assert path not in listed.response.text
    assert visitor.get(PAPERS).links()["Procédure d’accès à l’espace famille"] == path
    assert path in visitor.get("/").response.text
    assert visitor.client.get(path).mimetype == "application/pdf"


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("name", "title", "most_pages"),
    [
        ("procedure-d-acces", "Procédure d’accès à l’espace famille", 2),
        ("manuel-d-utilisation", "Manuel d’utilisation de l’espace famille", 24),
    ],
)
def test_a_printed_copy_is_tagged_and_speaks_french(
    visitor: Visitor, worker: Callable[[], int], name: str, title: str, most_pages: int
) -> None:
    worker()

    answer = visitor.client.get(f"{PAPERS}/{name}.pdf?langue=en")

    document = PdfReader(BytesIO(answer.data))
    root = document.trailer["/Root"]
    assert str(root["/Lang"]).startswith("fr")
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert document.metadata is not None
    assert document.metadata.title == title
    assert len(document.pages) <= most_pages
    assert "02 38 11 22 33" in "".join(page.extract_text() for page in document.pages).replace("\u00a0", " ")


def test_a_printed_copy_is_drawn_once_and_again_when_the_town_changes(
    app: Flask, visitor: Visitor, worker: Callable[[], int], store: Session, town: Town
) -> None:
    folder: Path = app.config["PREAU"].var_dir / "guides"
    path = f"{PAPERS}/procedure-d-acces.pdf"
    assert worker() == 2
    first = visitor.client.get(path).data

    assert worker() == 0
    assert visitor.client.get(path).data == first

    town.phone = "+33238445566"
    store.commit()
    visitor.get(path, status=202)
    assert worker() == 2
    assert visitor.client.get(path).data != first
    assert len(list(folder.iterdir())) == 2


def test_nothing_is_drawn_before_the_town_is_written(worker: Callable[[], int]) -> None:
    assert worker() == 0


@pytest.mark.parametrize("name", ["autre.pdf", "procedure-d-acces.txt", "..pdf"])
def test_no_other_file_is_given(visitor: Visitor, name: str) -> None:
    assert visitor.client.get(f"{PAPERS}/{name}").status_code == 404
