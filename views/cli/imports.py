"""``flask import-families``: check a file, or check it and write what is good."""

from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from domain import clock
from domain.actor import system
from domain.errors import Refusal
from domain.family.import_rules import COLUMNS
from domain.family.importing import apply_import, plan_import
from gateways.imports.tables import read_table
from models.base import stamp_session
from views.errors import refusal_sentence
from views.extensions import db
from views.import_reports import problem_sentence, rejects_csv, said_problems

SHOWN = 50


def init_commands(app: Flask) -> None:
    """Add the commands to ``flask``."""
    app.cli.add_command(import_families)


@click.command("import-families")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--apply", "is_applied", is_flag=True, help="Écrire les bonnes lignes (sinon : vérifier seulement)."
)
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Où écrire les lignes à corriger."
)
@with_appcontext
def import_families(file: Path, is_applied: bool, rejects: Path | None) -> None:
    """Importer les familles d’un fichier CSV (à blanc, sauf avec --apply)."""
    actor, now = system("import-families"), clock.now()
    try:
        table = read_table(file.read_bytes(), COLUMNS)
    except Refusal as refusal:
        raise click.ClickException(refusal_sentence(refusal)) from refusal
    plan = plan_import(
        db.session(), ((row.line, row.values) for row in table.rows), today=clock.local_day(now)
    )
    click.echo(
        f"{plan.row_count} lignes lues ({table.encoding}) : {len(plan.families)} familles, "
        f"{plan.child_count} enfants ; {len(plan.refused_lines)} lignes à corriger."
    )
    for problem in plan.problems[:SHOWN]:
        click.echo(f"  ligne {problem.line}, {problem.column} : {problem_sentence(problem)}")
    if rejects:
        rejects.write_bytes(rejects_csv(table, said_problems(plan.problems)))
        click.echo(f"Lignes à corriger écrites dans {rejects}.")
    if not is_applied:
        click.echo("Rien n’a été écrit. Ajoutez --apply pour importer les bonnes lignes.")
        return
    stamp_session(db.session(), actor.label, now)
    result = apply_import(db.session(), actor=actor, now=now, plan=plan)
    db.session.commit()
    click.echo(
        f"Importé : {result.families} familles, {result.guardians} responsables, {result.children} enfants ; "
        f"{result.already_there} familles étaient déjà là."
    )
    for problem in result.to_check[:SHOWN]:
        click.echo(f"  à vérifier, ligne {problem.line} : {problem_sentence(problem)}")
