"""What waits on the school service's desk: documents to check, moves to accept, a family that cannot get in."""

import hashlib
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape

from sqlalchemy import select

from demo.families import Builder
from domain.clock import local_day
from domain.demarches.operations import NewAddress, report_address_change, request_access_help
from gateways.pdf import render_pdf
from models.documents import Document, DocumentState, DocumentType, StoredFile
from models.family import ChildFamily, Family
from views.files import file_store

PDF = "application/pdf"
FAMILIES_WITH_PAPERS, WAITING, MOVES = 40, 9, 4


def fill_the_desk(builder: Builder, now: datetime) -> None:
    """Give families documents, some of which wait; let some report a move."""
    families = list(builder.session.scalars(select(Family).order_by(Family.id).limit(FAMILIES_WITH_PAPERS)))
    kinds = {kind.code: kind for kind in builder.session.scalars(select(DocumentType))}
    for number, family in enumerate(families):
        is_waiting = number % (FAMILIES_WITH_PAPERS // WAITING) == 0
        proof = give_document(
            builder, kinds["proof_of_address"], now, family_id=family.id, is_waiting=is_waiting
        )
        child_id = builder.session.scalar(
            select(ChildFamily.child_id).where(ChildFamily.family_id == family.id).limit(1)
        )
        if child_id is not None:
            insurance = kinds["school_insurance"]
            give_document(builder, insurance, now, family_id=family.id, child_id=child_id, is_waiting=False)
        if is_waiting and number // (FAMILIES_WITH_PAPERS // WAITING) in range(1, MOVES + 1):
            _move(builder, family, proof, now)
    request_access_help(builder.session, actor=builder.actor, now=now, family_id=families[-1].id)


def give_document(
    builder: Builder,
    kind: DocumentType,
    now: datetime,
    *,
    is_waiting: bool,
    family_id: int,
    child_id: int | None = None,
) -> Document:
    """Let a family give a specimen as a document of its own or of a child."""
    today = local_day(now)
    # What waits came these last days.
    given_at = now - timedelta(days=1 + family_id % 6, minutes=family_id % 300) if is_waiting else None
    row = Document(
        document_type_id=kind.id,
        family_id=family_id if child_id is None else None,
        child_id=child_id,
        given_by_family_id=family_id,
        file_id=_file(builder, kind.code, kind.name).id,
        created_at=given_at,
        state=DocumentState.SUBMITTED if is_waiting else DocumentState.ACCEPTED,
        issued_on=today - timedelta(days=builder.dice.randint(5, 60)),
        valid_until=date(2027, 8, 31) if kind.code == "school_insurance" else today + timedelta(days=60),
        reviewed_at=None if is_waiting else now,
        reviewed_by=None if is_waiting else builder.actor.label,
    )
    builder.session.add(row)
    builder.session.flush()
    return row


def _file(builder: Builder, code: str, name: str) -> StoredFile:
    """Keep a specimen as the file of an imaginary document."""
    data = specimen(name)
    row = StoredFile(
        key=file_store().put(data, PDF),
        filename=f"{code}.pdf",
        media_type=PDF,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    builder.session.add(row)
    builder.session.flush()
    return row


@lru_cache(maxsize=32)
def specimen(name: str) -> bytes:
    """Return a page that says which document it stands for."""
    return render_pdf(
        f'<!doctype html><html lang="fr"><head><title>{escape(name)}</title></head><body class="guide">'
        f"<h1>{escape(name)}</h1><p>Spécimen de la commune imaginaire de Saint-Préau.</p>"
        "<p>Ici se trouve, dans une vraie commune, la photo ou le PDF que la famille a transmis : l’agent y lit "
        "le nom, l’adresse et la date, et les compare avec le dossier.</p></body></html>"
    )


def _move(builder: Builder, family: Family, proof: Document, now: datetime) -> None:
    report_address_change(
        builder.session,
        actor=builder.actor,
        now=now,
        family_id=family.id,
        address=NewAddress(
            line1=f"{builder.dice.randint(1, 60)} Rue de la Libération",
            line2="",
            postcode="45110",
            city="Saint-Préau",
        ),
        effective_on=local_day(now) + timedelta(days=10),
        proof_id=proof.id,
    )
