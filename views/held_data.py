"""The archive of what is held about a person: made, kept for a week, told of, and given to whom it is for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from types import ModuleType
from typing import Any

from flask import Response, render_template, send_file

from domain import clock
from domain.privacy.download import fetch_archive, held_files, keep_archive
from domain.privacy.holdings import held_about
from domain.privacy.person import Person, person_at_desk, person_of_account
from domain.privacy.rules import ARCHIVE_DAYS
from gateways.archives import MEDIA_TYPE, person_archive
from models.accounts import User
from models.privacy import DataRequest
from views.access import current_actor
from views.extensions import db
from views.files import file_store
from views.formats import day, euros, moment
from views.invoice_documents import keep_file
from views.mailing import absolute, send_mail
from views.privacy_words import COLUMNS, TABLES, UNSHOWN

FILENAME = "mes-donnees.zip"


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the readable page: its title, and each row as labels and values."""

    title: str
    rows: list[list[tuple[str, str]]]


def make_archive(request_id: int) -> None:
    """Make the archive of a request, keep it, and tell the person; the caller commits."""
    session, now = db.session(), clock.now()
    request = session.get_one(DataRequest, request_id)
    person = _person(request)
    held = dict(held_about(session, person))
    page = render_template("privacy/summary.html", person=person, sections=sections(held), made_at=now)
    data = person_archive(file_store(), held=held, page=page, files=held_files(session, person))
    keep_archive(session, now=now, request_id=request_id, file=keep_file(data, FILENAME, MEDIA_TYPE))
    if request.user_id is not None:
        user = session.get_one(User, request.user_id)
        send_mail(
            "data_ready",
            user.email,
            once_key=f"data:{request.id}",
            person_name=user.display_name,
            days=ARCHIVE_DAYS,
            url=absolute("parent.my_data"),
        )


def _person(request: DataRequest) -> Person:
    session, today = db.session(), clock.today()
    if request.user_id is not None:
        return person_of_account(session, request.user_id, today)
    if request.guardian_id is None:
        msg = f"request {request.id} is about nobody"
        raise LookupError(msg)
    return person_at_desk(session, request.guardian_id, today)


def send_archive(request_id: int) -> Response | None:
    """Give an archive to whom it is for; None for anybody else, or once its week is over. Commits the trail."""
    session = db.session()
    file = fetch_archive(session, actor=current_actor(), now=clock.now(), request_id=request_id)
    if file is None:
        return None
    stream = file_store().open(file.key)
    session.commit()
    response = send_file(stream, mimetype=MEDIA_TYPE, as_attachment=True, download_name=FILENAME, max_age=0)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def sections(held: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[Section]:
    """Return the data as people read it: what is empty, or only ties rows together, is in the data file."""
    return [Section(str(TABLES[name]), [_row(row) for row in rows]) for name, rows in held.items()]


def is_shown(column: str) -> bool:
    """Whether the readable page shows a column."""
    return column not in UNSHOWN and not column.endswith(("_id", "_by"))


def column_word(column: str) -> str:
    """Return what the readable page calls a column."""
    return str(COLUMNS[column] if column in COLUMNS else _office_words().LABELS[column])


def _office_words() -> ModuleType:
    """Return the words of the back office; here, and not above, because its pages wake the worker, which asks us."""
    return import_module("views.admin.words")


def _row(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (column_word(name), _shown(name, value))
        for name, value in row.items()
        if is_shown(name) and value not in (None, "") and not isinstance(value, list | dict)
    ]


def _shown(name: str, value: Any) -> str:
    if name.endswith("_cents"):
        return euros(value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, str) and name.endswith("_at"):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, str) and (
        name.endswith("_on") or name in ("valid_from", "valid_to", "day", "month")
    ):
        return day(date.fromisoformat(value))
    return str(_office_words().word(value)) if isinstance(value, str) else str(value)
