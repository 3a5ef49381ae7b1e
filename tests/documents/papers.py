"""Files and kinds of documents for tests."""

from datetime import date
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from sqlalchemy.orm import Session

from domain.documents.storage import NewFile
from models.documents import DocumentRequirement, DocumentSubject, DocumentType, Validity
from models.family import Child, ChildFamily, Family

PDF = "application/pdf"


def picture(color: str = "white", kind: str = "PNG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    """A small image."""
    out = BytesIO()
    Image.new("RGB", size, color).save(out, kind, **more)
    return out.getvalue()


def pdf(pages: int = 1, script: str = "") -> bytes:
    """A PDF of blank pages, which runs a script if asked."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if script:
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        )
        writer.root_object[NameObject("/OpenAction")] = action
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def new_file(key: str = "aa/bb/aabb") -> NewFile:
    """A file that the store is said to keep."""
    return NewFile(key, "page.pdf", PDF, 10, 1, (key.replace("/", "") * 64)[:64])


def make_kind(
    session: Session,
    code: str,
    subject: DocumentSubject = DocumentSubject.CHILD,
    *,
    validity: Validity = Validity.FOR_EVER,
    months: int | None = None,
    is_health: bool = False,
    acts: tuple[str, ...] = (),
) -> DocumentType:
    """A kind of document, asked for by some acts."""
    kind = DocumentType(
        code=code, name=f"Pièce {code}", subject=subject, validity=validity, validity_months=months, is_health=is_health
    )  # fmt: skip
    session.add(kind)
    session.flush()
    session.add_all(DocumentRequirement(document_type_id=kind.id, act=act) for act in acts)
    session.flush()
    return kind


def make_child(session: Session, family: Family, name: str = "Léo") -> Child:
    """A child of a family since 2020."""
    child = Child(given_name=name, family_name=family.name, born_on=date(2019, 3, 14))
    session.add(child)
    session.flush()
    join_family(session, child, family)
    return child


def join_family(session: Session, child: Child, family: Family) -> None:
    """Make a child one of this family too."""
    session.add(ChildFamily(child_id=child.id, family_id=family.id, valid_from=date(2020, 1, 1)))
    session.flush()
