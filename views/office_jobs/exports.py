"""Long lists as workbooks, written by the worker and fetched within a week."""

from collections.abc import Iterator
from importlib import import_module
from tempfile import TemporaryFile
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain import clock
from gateways.exports import write_xlsx
from views.invoice_documents import keep_file
from views.office_jobs.task import OFFICE, JobType, Task

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_AT_ONCE = 2000


def screen(endpoint: str) -> Any:
    """Return a screen of the back office by its endpoint."""
    [admin] = current_app.extensions["admin"]
    return next(view for view in admin._views if view.endpoint == endpoint)


def _export(task: Task) -> Iterator[None]:
    # Here, and not above: the screens start jobs, which know every kind.
    cells = import_module("views.admin.export").export_cells
    shown = screen(task.facts["screen"])
    with current_app.test_request_context("/", query_string=task.facts["query"]):
        query, columns = shown.export_query(), shown._export_columns
    names = [name for name, _label in columns]
    header = [str(label) for _name, label in columns]
    with TemporaryFile() as output:
        rows = cells(query, shown.model, names, shown.linked)
        for count in write_xlsx(output, header, rows, title=task.facts["name"]):
            task.done = count
            yield
        output.seek(0)
        data = output.read()
    filename = f"{shown.model.__tablename__}-{clock.today().isoformat()}.xlsx"
    task.file_id, task.done = keep_file(data, filename, XLSX).id, task.total


EXPORT = JobType(
    steps=_export,
    roles=OFFICE,
    title=lambda facts: _("Export XLSX : %(name)s", name=facts["name"]),
    unit=_l("Lignes écrites"),
    at_once=ROWS_AT_ONCE,
    said=lambda _facts, _result: _("Le fichier se télécharge pendant 7 jours."),
    href=lambda _subject, facts, _result: url_for(f"{facts['screen']}.index_view"),
    is_reading=True,
)
