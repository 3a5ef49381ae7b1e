"""``flask backup`` and ``flask restore``: one file that holds the database and every document."""

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from gateways.backup import BackupError, make_backup, restore_backup
from views.extensions import db
from views.files import FOLDER


def init_commands(app: Flask) -> None:
    """Add the commands to ``flask``."""
    app.cli.add_command(backup)
    app.cli.add_command(restore)


def _places() -> dict[str, object]:
    settings = current_app.config["PREAU"]
    return {"database_url": settings.database_url, "files": settings.var_dir / FOLDER}


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Sauvegarder la base et les pièces dans FILE (.tar.gz) ; le portail peut continuer à tourner."""
    try:
        make_backup(file, **_places())  # type: ignore[arg-type]
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Sauvegarde écrite : {file} ({file.stat().st_size // 1024} ko).")
    if current_app.config["PREAU"].s3_bucket:
        click.echo("Les pièces sont dans le compartiment S3 : le service qui l’héberge doit les sauvegarder.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Écraser la base et les pièces présentes.")
@with_appcontext
def restore(file: Path, replace: bool) -> None:
    """Remettre une sauvegarde en place ; arrêtez d’abord le portail."""
    db.engine.dispose()
    try:
        restore_backup(file, replace=replace, **_places())  # type: ignore[arg-type]
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo("La sauvegarde est en place. Mettez la base à jour : flask --app app db upgrade")
