"""``flask import-sectors``: check a carte scolaire, or check it and put it in place of the year's."""

from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from domain import clock
from domain.actor import system
from domain.errors import Refusal
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
