"""``flask reindex-search``: write anew what the back office's search box finds."""

import click
from flask import Flask
from flask.cli import with_appcontext

from domain.search.index import reindex
from views.extensions import db


def init_commands(app: Flask) -> None:
    """Add the command to ``flask``."""
    app.cli.add_command(reindex_search)


@click.command("reindex-search")
@with_appcontext
def reindex_search() -> None:
    """Refaire l’index de la recherche, par exemple après une écriture directe dans la base."""
    count = reindex(db.session())
    db.session.commit()
    click.echo(f"Index de recherche refait : {count} fiches.")
