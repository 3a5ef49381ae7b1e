"""``flask demo``: bring the database up to date and fill it with the demonstration town."""

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import func, select

from config import PRODUCTION
from demo.build import build_town
from models.family import Family
from models.town import Town
from views.extensions import db


@click.command()
@click.option("--if-empty", is_flag=True, help="Ne rien faire si la base contient déjà une commune.")
@click.option("--families", default=600, show_default=True, help="Nombre de familles.")
@with_appcontext
def demo(if_empty: bool, families: int) -> None:
    """Mettre la base à jour et y installer la commune de démonstration."""
    if current_app.config["PREAU"].mode == PRODUCTION:
        raise click.ClickException("La commune de démonstration ne s’installe pas en production.")
    upgrade()
    if db.session.scalar(select(Town.id)) is not None:
        if if_empty:
            count = db.session.scalar(select(func.count()).select_from(Family))
            click.echo(f"La base contient déjà une commune ({count} familles) : elle est gardée.")
            return
        raise click.ClickException("La base contient déjà une commune. Videz-la d’abord.")
    build_town(db.session(), families=families, say=click.echo)
