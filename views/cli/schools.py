"""``flask import-sectors`` and ``flask roll-over-schools``: looked at first, written with ``--apply``."""

from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from domain import clock
from domain.actor import system
from domain.errors import Refusal
from domain.schools.rollover import Pupil, plan_roll_over, roll_over
from domain.schools.sector_rows import COLUMNS
from domain.schools.sectors import plan_sectors, replace_sectors
from gateways.imports.tables import read_table
from models.base import stamp_session
from views.errors import refusal_sentence
from views.extensions import db
from views.import_reports import problem_sentence

SHOWN = 50


def init_commands(app: Flask) -> None:
    """Add the commands to ``flask``."""
    app.cli.add_command(import_sectors)
    app.cli.add_command(roll_over_schools)


@click.command("import-sectors")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "is_applied", is_flag=True, help="Remplacer la carte (sinon : vérifier seulement).")
@with_appcontext
def import_sectors(file: Path, is_applied: bool) -> None:
    """Installer la carte scolaire d’un fichier CSV (à blanc, sauf avec --apply)."""
    actor, now = system("import-sectors"), clock.now()
    stamp_session(db.session(), actor.label, now)
    try:
        table = read_table(file.read_bytes(), COLUMNS)
    except Refusal as refusal:
        raise click.ClickException(refusal_sentence(refusal)) from refusal
    plan = plan_sectors(db.session(), ((row.line, row.values) for row in table.rows))
    click.echo(
        f"{plan.row_count} lignes lues ({table.encoding}) : {plan.street_count} rues ; "
        f"{len(plan.refused_lines)} lignes à corriger."
    )
    for problem in plan.problems[:SHOWN]:
        click.echo(f"  ligne {problem.line}, {problem.column} : {problem_sentence(problem)}")
    if not is_applied:
        click.echo("Rien n’a été écrit. Ajoutez --apply pour remplacer la carte.")
        return
    try:
        counts = replace_sectors(db.session(), actor=actor, now=now, plan=plan)
    except Refusal as refusal:
        raise click.ClickException(refusal_sentence(refusal)) from refusal
    db.session.commit()
    for year, count in counts.items():
        click.echo(f"Rentrée {year} : {count} tronçons en place.")


@click.command("roll-over-schools")
@click.argument("year", type=int)
@click.option("--apply", "is_applied", is_flag=True, help="Écrire les passages (sinon : montrer seulement).")
@with_appcontext
def roll_over_schools(year: int, is_applied: bool) -> None:
    """Faire passer les enfants au niveau suivant pour la rentrée YEAR (à blanc, sauf avec --apply)."""
    actor, now = system("roll-over-schools"), clock.now()
    stamp_session(db.session(), actor.label, now)
    try:
        plan = plan_roll_over(db.session(), starts_in=year)
    except Refusal as refusal:
        raise click.ClickException(refusal_sentence(refusal)) from refusal
    click.echo(
        f"Rentrée {year} : {len(plan.going_on)} enfants passent dans leur école, {len(plan.to_enrol)} ont besoin "
        f"d’une inscription, {len(plan.leaving)} quittent le CM2, {plan.already} ont déjà une inscription."
    )
    _list("Une inscription est nécessaire :", plan.to_enrol)
    _list("Fin du CM2 :", plan.leaving)
    if not is_applied:
        click.echo("Rien n’a été écrit. Ajoutez --apply pour écrire les passages.")
        return
    count = roll_over(db.session(), actor=actor, now=now, plan=plan)
    db.session.commit()
    click.echo(f"{count} passages écrits.")


def _list(title: str, pupils: list[Pupil]) -> None:
    if not pupils:
        return
    click.echo(title)
    for pupil in pupils:
        step = f"{pupil.level} → {pupil.coming}" if pupil.coming else str(pupil.level)
        click.echo(f"  {pupil.name}, {step}, {pupil.school_name}")
