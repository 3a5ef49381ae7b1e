"""Files that staff bring: checked, then written, some families at a time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain import clock
from domain.family.import_rules import COLUMNS as FAMILY_COLUMNS
from domain.family.importing import ImportPlan, record_import, write_families
from domain.family.importing import plan_steps as family_steps
from domain.schools.sector_rows import COLUMNS as SECTOR_COLUMNS
from domain.schools.sectors import SectorPlan, replace_sectors
from domain.schools.sectors import plan_steps as sector_steps
from gateways.imports.tables import Table, read_table
from models.documents import StoredFile
from models.imports import ImportKind, ImportRun
from views.extensions import db
from views.files import file_store
from views.import_reports import problem_sentence, said_problems
from views.office_jobs.task import DESK, Facts, JobType, Task

FAMILIES_AT_ONCE = 20
ROWS_AT_ONCE, SECTORS_AT_ONCE = 800, 1000
COLUMNS = {ImportKind.FAMILIES: FAMILY_COLUMNS, ImportKind.SECTORS: SECTOR_COLUMNS}
PAGES = {ImportKind.FAMILIES.value: "admin_imports.check", ImportKind.SECTORS.value: "admin_sectors.check"}


def kept_table(run: ImportRun) -> Table | None:
    """Read the kept file again; None when it is no longer there."""
    kept = db.session.get(StoredFile, run.file_id) if run.file_id else None
    if kept is None:
        return None
    with file_store().open(kept.key) as stream:
        return read_table(stream.read(), COLUMNS[run.kind])


def _rows(run: ImportRun) -> list[tuple[int, dict[str, str]]]:
    table = kept_table(run)
    if table is None:
        msg = f"the file of import {run.id} is gone"
        raise LookupError(msg)
    return [(row.line, row.values) for row in table.rows]


def _reading(run: ImportRun, plan: ImportPlan | SectorPlan) -> Iterator[int]:
    """Read a kept file into its plan; yield how many rows were read."""
    if isinstance(plan, ImportPlan):
        return family_steps(db.session(), _rows(run), plan, today=clock.local_day(run.created_at))
    return sector_steps(db.session(), _rows(run), plan)


def _new_plan(run: ImportRun) -> ImportPlan | SectorPlan:
    return ImportPlan() if run.kind is ImportKind.FAMILIES else SectorPlan()


def found_in(run: ImportRun) -> dict[str, Any]:
    """Return what a check of a kept file finds, as it is kept with the import."""
    plan = _new_plan(run)
    for _count in _reading(run, plan):
        pass
    return _found(plan)


def _found(plan: ImportPlan | SectorPlan) -> dict[str, Any]:
    facts: dict[str, Any]
    if isinstance(plan, ImportPlan):
        facts = {"families": len(plan.families), "children": plan.child_count}
    else:
        facts = {"years": list(plan.years), "streets": plan.street_count}
    facts |= {
        "rows": plan.row_count,
        "refused": len(plan.refused_lines),
        "problems": said_problems(plan.problems),
    }
    return facts


def _check(task: Task) -> Iterator[None]:
    """Read the file, and write at its end what was found."""
    run = db.session.get_one(ImportRun, int(task.subject))
    plan = _new_plan(run)
    for count in _reading(run, plan):
        task.done = min(count, task.total)
        yield
    run.found, task.done = _found(plan), task.total


def _write_families(task: Task) -> Iterator[None]:
    session = db.session()
    run = session.get_one(ImportRun, int(task.subject))
    plan = ImportPlan()
    for _count in _reading(run, plan):
        yield  # nothing is locked while a long file is read again
    task.is_reading = False
    task.result.setdefault("refused", len(plan.refused_lines))
    while task.place < len(plan.families):
        some = plan.families[task.place : task.place + FAMILIES_AT_ONCE]
        made = write_families(session, actor=task.actor, now=clock.now(), families=some)
        for name in ("families", "guardians", "children", "already_there"):
            task.result[name] = task.result.get(name, 0) + getattr(made, name)
        task.result.setdefault("problems", []).extend(
            {"line": problem.line, "sentence": problem_sentence(problem)} for problem in made.to_check
        )
        task.place += len(some)
        task.done = task.place
        if task.place < len(plan.families):
            yield
    counts = {name: value for name, value in task.result.items() if name != "problems"}
    run = session.get_one(ImportRun, int(task.subject))
    run.counts, run.problems = counts, task.result.get("problems", [])
    record_import(
        session,
        actor=task.actor,
        now=clock.now(),
        families=counts.get("families", 0),
        children=counts.get("children", 0),
    )


def _write_sectors(task: Task) -> Iterator[None]:
    """Read the map, then replace the old one whole: half a map would send children to the wrong school."""
    session = db.session()
    run, plan = session.get_one(ImportRun, int(task.subject)), SectorPlan()
    for _count in _reading(run, plan):
        yield
    counts = replace_sectors(session, actor=task.actor, now=clock.now(), plan=plan)
    run.counts = {str(year): count for year, count in counts.items()}
    task.result, task.done = dict(run.counts), task.total


def _file_href(subject: str, facts: Facts, _result: Facts) -> str:
    return url_for(PAGES[facts["kind"]], run_id=int(subject))


def _written(_facts: Facts, result: Facts) -> str:
    return _(
        "%(families)s familles et %(children)s enfants importés ; %(there)s familles étaient déjà là.",
        families=result.get("families", 0),
        children=result.get("children", 0),
        there=result.get("already_there", 0),
    )


CHECK = JobType(
    steps=_check,
    is_reading=True,
    roles=DESK,
    title=lambda facts: _("Vérification de %(file)s", file=facts["file"]),
    unit=_l("Lignes vérifiées"),
    at_once=ROWS_AT_ONCE,
    said=lambda _facts, _result: "",
    href=_file_href,
)
WRITE_FAMILIES = JobType(
    steps=_write_families,
    is_reading=True,
    takes_turns=True,
    roles=DESK,
    title=lambda facts: _("Import de %(file)s", file=facts["file"]),
    unit=_l("Familles importées"),
    at_once=FAMILIES_AT_ONCE,
    said=_written,
    href=_file_href,
)
WRITE_SECTORS = replace(
    WRITE_FAMILIES,
    steps=_write_sectors,
    is_counted=False,
    takes_turns=False,
    title=lambda facts: _("Carte scolaire de %(file)s", file=facts["file"]),
    unit=_l("Tronçons remplacés"),
    at_once=SECTORS_AT_ONCE,
    said=lambda _facts, _result: _("La carte scolaire est en place."),
)
