"""A month worked out, or counted again: long reading, and one short writing at its end."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain import clock
from domain.invoicing.operations import Preview
from domain.invoicing.recount import Recount, recount_steps
from views.extensions import db
from views.formats import of_month
from views.office_jobs.task import CASHIERS, Facts, JobType, Task
from views.recount_words import difference_about, difference_days

FAMILIES_AT_ONCE, DOCUMENTS_AT_ONCE = 60, 60
SHOWN_DIFFERENCES = 200


def _month(facts: Facts) -> date:
    return date.fromisoformat(facts["month"])


def _preview(task: Task) -> Iterator[None]:
    preview = Preview(db.session(), actor=task.actor, now=clock.now(), month=_month(task.facts))
    for count in preview.steps():
        task.done = min(count, task.total)
        yield
    task.result["run_id"] = preview.write().id


def _recount(task: Task) -> Iterator[None]:
    found = Recount(_month(task.facts))
    for count in recount_steps(db.session(), found):
        task.done = min(count, task.total)
        yield
    task.result = recount_facts(found)


def recount_facts(found: Recount) -> dict[str, Any]:
    """Return what a recount found, in words, as it is kept and shown."""
    return {
        "is_right": found.is_right,
        "document_count": found.document_count,
        "issued_cents": found.issued_cents,
        "recounted_cents": found.recounted_cents,
        "difference_count": len(found.differences),
        "rows": [
            [difference_about(one), one.issued_cents, one.recounted_cents, difference_days(one)]
            for one in found.differences[:SHOWN_DIFFERENCES]
        ],
    }


def _recounted(_facts: Facts, result: Facts) -> str:
    if result["is_right"]:
        return _("Chaque ligne recalculée est égale à ce qui a été facturé.")
    return _("%(count)s lignes à regarder.", count=result["difference_count"])


PREVIEW = JobType(
    steps=_preview,
    roles=CASHIERS,
    title=lambda facts: _("Aperçu de la facturation %(month)s", month=of_month(_month(facts))),
    unit=_l("Familles calculées"),
    at_once=FAMILIES_AT_ONCE,
    said=lambda _facts, _result: "",
    href=lambda _subject, _facts, result: url_for("admin_invoicing.run", run_id=result["run_id"]),
    is_reading=True,
)
RECOUNT = JobType(
    steps=_recount,
    roles=CASHIERS,
    title=lambda facts: _("Recalcul %(month)s", month=of_month(_month(facts))),
    unit=_l("Factures recalculées"),
    at_once=DOCUMENTS_AT_ONCE,
    said=_recounted,
    href=lambda _subject, facts, _result: url_for("admin_invoicing.recount", run_id=facts["run_id"]),
    is_reading=True,
)
