"""``flask purge``: what is kept longer than the town says, counted first, removed when it is told to."""

from collections.abc import Mapping

import click
from flask import Flask
from flask.cli import with_appcontext

from domain import clock
from domain.actor import system
from domain.privacy.purge import count_due, count_held_back, removed_by_kind, start_purge
from models.base import stamp_session
from models.privacy import PurgeRun
from views.extensions import db
from views.privacy_words import KINDS, PARTS
from views.purging import run_purge


def init_commands(app: Flask) -> None:
    """Add the command to ``flask``."""
    app.cli.add_command(purge)


@click.command()
@click.option(
    "--apply", "is_applied", is_flag=True, help="Effacer pour de bon ; sans cela, rien n’est changé."
)
@with_appcontext
def purge(is_applied: bool) -> None:
    """Compter, puis effacer, ce qui est gardé plus longtemps que prévu."""
    session, actor, now = db.session(), system("purge"), clock.now()
    if not is_applied:
        _show(count_due(session, clock.local_day(now)))
        held = count_held_back(session, clock.local_day(now))
        if held:
            click.echo(f"Familles retenues par une dette, un avoir ou une demande ouverte : {held}.")
        click.echo("Rien n’est effacé : ajoutez --apply pour le faire.")
        return
    stamp_session(session, actor.label, now)
    run = start_purge(session, actor=actor, now=now)
    run_id = run.id
    session.commit()
    run_purge(run_id, actor.label)
    _show(session.get_one(PurgeRun, run_id, populate_existing=True).removed)
    click.echo("Purge terminée.")


def _show(counts: Mapping[str, int]) -> None:
    for kind, parts in removed_by_kind(counts).items():
        words = ", ".join(f"{count} {PARTS[name]}" for name, count in parts.items())
        click.echo(f"{KINDS[kind][0]} : {words or 'rien'}")
