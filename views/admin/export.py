"""A list as a file, read from the database in slices of its key."""

from collections.abc import Iterator
from typing import Any

from flask import Response, stream_with_context

from domain import clock
from gateways.exports import csv_chunks, xlsx_bytes
from views.admin.values import plain_value, related_names

SLICE = 1000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Columns = list[tuple[str, str]]


def export_answer(
    kind: str, query: Any, model: type[Any], columns: Columns, linked: dict[str, type[Any]], *, title: str
) -> Response:
    """Return the rows of a query as CSV (streamed) or XLSX, every cell with its type."""
    header = [str(label) for _name, label in columns]
    rows = export_cells(query, model, [name for name, _label in columns], linked)
    name = f"{model.__tablename__}-{clock.today().isoformat()}.{kind}"
    if kind == "csv":
        response = Response(stream_with_context(csv_chunks(header, rows)), mimetype="text/csv")
    else:
        response = Response(xlsx_bytes(header, rows, title=title), mimetype=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def export_cells(
    query: Any, model: type[Any], names: list[str], linked: dict[str, type[Any]]
) -> Iterator[list[Any]]:
    key, last = model.id, 0
    while True:
        rows = query.order_by(None).filter(key > last).order_by(key).limit(SLICE).all()
        if not rows:
            return
        related = related_names(rows, linked)
        yield from ([plain_value(row, name, linked, related) for name in names] for row in rows)
        last = rows[-1].id
        for row in rows:
            if row in query.session:  # a stream outlives its request's session
                query.session.expunge(row)
