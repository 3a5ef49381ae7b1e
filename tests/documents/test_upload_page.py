"""The page where a parent gives a document, from the phone or from a folder."""

from contextlib import closing
from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder

from domain.documents.storage import StoreUnavailable
from models.accounts import User
from models.documents import Document, DocumentSubject, StoredFile, Validity
from models.family import Child, FamilyState
from tests.accounts.people import Home
from tests.documents.papers import make_kind, pdf, picture
from tests.support.pages import Page, Visitor, form_values
from views.files import file_store
from views.local_paths import local_path


@pytest.fixture(autouse=True)
def kinds(store: Session, home: Home) -> None:
    make_kind(store, "insurance")
    make_kind(store, "address", DocumentSubject.FAMILY, validity=Validity.MONTHS, months=3)
    store.commit()


def path(code: str, subject: str, subject_id: int, back: str = "/famille") -> str:
    asked = {"type_code": code, "subject": subject, "subject_id": subject_id, "next": back}
    return f"/documents/ajouter?{urlencode(asked)}"


def send(visitor: Visitor, leo: Child, *files: tuple[bytes, str], status: int = 200) -> Page:
    address = path("insurance", "child", leo.id)
    page = visitor.get(address)
    fields = {"files": [(BytesIO(data), name) for data, name in files]}
    page.path = address
    return visitor.submit(page, fields, status=status)


def test_a_photo_is_kept_and_the_parent_goes_back(
    visitor: Visitor, store: Session, alice: User, home: Home, leo: Child
) -> None:
    page = send(visitor.sign_in(alice), leo, (picture(), "photo.png"))

    assert page.path == "/famille"
    assert "est transmis au service" in page.text
    document = store.scalars(select(Document)).one()
    assert (document.child_id, document.given_by_family_id) == (leo.id, home.family.id)


def test_several_pages_make_one_pdf(
    app: Flask, visitor: Visitor, store: Session, alice: User, leo: Child
) -> None:
    pages = ((picture(), "1.png"), (picture(kind="JPEG"), "2.jpg"), (pdf(2), "suite.pdf"))
    send(visitor.sign_in(alice), leo, *pages)

    file = store.scalars(select(StoredFile)).one()
    assert (file.media_type, file.pages, file.filename) == ("application/pdf", 4, "1.pdf")
    with app.app_context(), file_store().open(file.key) as stream:
        assert len(PdfReader(BytesIO(stream.read())).pages) == 4


def test_the_place_of_a_photo_is_forgotten(
    app: Flask, visitor: Visitor, store: Session, alice: User, leo: Child
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Appareil secret"
    send(visitor.sign_in(alice), leo, (picture(kind="JPEG", exif=exif), "photo.jpg"))

    with app.app_context(), file_store().open(store.scalars(select(StoredFile.key)).one()) as stream:
        assert b"secret" not in stream.read()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"MZ" + b"\0" * 500, "facture.pdf", "JPEG"),
        (pdf(script="app.alert(1)"), "facture.pdf", "contient un programme"),
        (picture(), "photo.exe", "photo"),
    ],
    ids=["renamed program", "script", "wrong name"],
)
def test_what_is_no_document_is_refused_kindly(
    visitor: Visitor, store: Session, alice: User, leo: Child, data: bytes, name: str, said: str
) -> None:
    page = send(visitor.sign_in(alice), leo, (data, name), status=422)

    assert said in page.text
    assert page.all("div", class_="error-summary")
    assert store.scalars(select(StoredFile)).all() == []


def test_a_photo_of_40_megabytes_is_refused_kindly(visitor: Visitor, alice: User, leo: Child) -> None:
    address = path("insurance", "child", leo.id)
    token = form_values(visitor.sign_in(alice).get(address).form())["csrf_token"]
    photo = BytesIO(b"\xff\xd8\xff" + b"0" * (40 * 1024 * 1024))
    request = EnvironBuilder(address, method="POST", data={"csrf_token": token, "files": (photo, "p.jpg")})
    environ = request.get_environ()

    with closing(environ["wsgi.input"]):
        answer = visitor.client.open(environ)

    assert answer.status_code == 422
    assert "Ce fichier dépasse 10 Mo" in answer.text


def test_a_form_without_file_says_what_is_missing(visitor: Visitor, alice: User, leo: Child) -> None:
    page = send(visitor.sign_in(alice), leo, status=422)

    assert "Ajoutez une photo ou un fichier" in page.text


def test_the_date_is_asked_when_the_validity_counts_from_it(
    visitor: Visitor, store: Session, alice: User, home: Home
) -> None:
    address = path("address", "family", home.family.id)
    page = visitor.sign_in(alice).get(address)
    page.path = address

    refused = visitor.submit(page, {"files": [(BytesIO(picture()), "a.png")]}, status=422)
    assert "Indiquez la date" in refused.text
    both_wrong = visitor.submit(page, {"files": [(BytesIO(b"MZ" + b"\0" * 500), "a.pdf")]}, status=422)
    assert "Indiquez la date" in both_wrong.text
    assert "JPEG" in both_wrong.text
    old = {"files": [(BytesIO(picture()), "a.png")], "issued_on": "2020-01-01"}
    assert "plus de 3 mois" in visitor.submit(page, old, status=422).text

    assert store.scalars(select(Document)).all() == []


def test_a_document_replaced_before_review_leaves_no_bytes(
    app: Flask, visitor: Visitor, store: Session, alice: User, leo: Child
) -> None:
    send(visitor.sign_in(alice), leo, (picture("red"), "a.png"))
    send(visitor, leo, (picture("blue"), "b.png"))
    send(visitor, leo, (picture("blue"), "b.png"))

    assert store.scalars(select(StoredFile.filename)).all() == ["b.png"]
    with app.app_context():
        assert len([one for one in file_store().folder.rglob("*") if one.is_file()]) == 1


def test_another_family_finds_nothing(visitor: Visitor, charlie: User, leo: Child, home: Home) -> None:
    visitor.sign_in(charlie)

    visitor.get(path("insurance", "child", leo.id), status=404)
    visitor.get(path("address", "family", home.family.id), status=404)


@pytest.mark.parametrize(
    ("code", "subject"), [("insurance", "family"), ("unknown", "child"), ("insurance", "cat")]
)
def test_an_address_that_makes_no_sense_is_not_found(
    visitor: Visitor, alice: User, leo: Child, code: str, subject: str
) -> None:
    visitor.sign_in(alice).get(path(code, subject, leo.id), status=404)


def test_a_declaration_in_the_making_takes_its_documents(
    visitor: Visitor, store: Session, alice: User, home: Home, leo: Child
) -> None:
    home.family.state, home.family.code = FamilyState.DRAFT, None
    store.commit()
    address = path("insurance", "child", leo.id, path("insurance", "child", leo.id))
    page = visitor.sign_in(alice).get(address)
    page.path = address

    visitor.submit(page, {"files": [(BytesIO(picture()), "a.png")]})

    assert store.scalars(select(Document.given_by_family_id)).one() == home.family.id


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil",
        "",
        None,
    ],
)
def test_one_never_comes_back_to_another_site(target: str | None) -> None:
    assert local_path(target, "/accueil") == "/accueil"


def test_one_comes_back_to_a_path_of_the_portal() -> None:
    assert local_path("/famille/documents?x=1", "/accueil") == "/famille/documents?x=1"


def test_while_the_files_place_is_down_the_page_says_to_come_back(
    app: Flask, visitor: Visitor, store: Session, alice: User, leo: Child, caplog: pytest.LogCaptureFixture
) -> None:
    class Down:
        def put(self, *_file: object) -> str:
            msg = "connection refused"
            raise StoreUnavailable(msg)

    app.extensions["file_store"] = Down

    page = send(visitor.sign_in(alice), leo, (picture(), "certificat.png"), status=503)

    assert "Le portail ne répond pas" in page.response.text
    assert "The file store does not answer" in caplog.text
    assert store.scalars(select(Document)).all() == []
