"""``flask install`` and ``flask create-staff``: from an empty database to a first sign-in."""

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_security import hash_password

from domain import clock
from domain.actor import Role, system
from domain.errors import Refusal
from domain.family.rules import check_password
from domain.install import create_staff_account, install_town
from models.base import stamp_session
from views.errors import refusal_sentence
from views.extensions import db

STAFF = [role.value for role in Role if role is not Role.PARENT]


def init_commands(app: Flask) -> None:
    """Add the commands to ``flask``."""
    app.cli.add_command(install)
    app.cli.add_command(create_staff)


@click.command()
@click.option("--name", prompt="Nom de la commune")
@click.option("--insee", prompt="Code INSEE")
@click.option("--postcode", prompt="Code postal")
@click.option("--zone", prompt="Zone scolaire", type=click.Choice(["A", "B", "C"]))
@with_appcontext
def install(name: str, insee: str, postcode: str, zone: str) -> None:
    """Écrire la commune, ses rôles et l’année scolaire en cours, dans une base à jour."""
    actor, now = system("install"), clock.now()
    stamp_session(db.session(), actor.label, now)
    try:
        install_town(
            db.session(), actor=actor, now=now, name=name, insee_code=insee, postcode=postcode, zone=zone
        )
    except Refusal as refusal:
        raise click.ClickException(refusal_sentence(refusal)) from refusal
    db.session.commit()
    click.echo(f"{name} est prête. Créez un premier compte : flask --app app create-staff")


@click.command("create-staff")
@click.option("--email", prompt="Adresse électronique")
@click.option("--name", prompt="Prénom et nom")
@click.option("--role", type=click.Choice(STAFF), default=Role.ADMINISTRATOR.value, show_default=True)
@click.password_option(prompt="Mot de passe", confirmation_prompt="Le même, encore une fois")
@with_appcontext
def create_staff(email: str, name: str, role: str, password: str) -> None:
    """Créer un compte du personnel."""
    actor, now = system("create-staff"), clock.now()
    stamp_session(db.session(), actor.label, now)
    try:
        check_password(password, (email, name))
        create_staff_account(
            db.session(),
            actor=actor,
            now=now,
            email=email,
            name=name,
            role=Role(role),
            password_hash=hash_password(password),
        )
    except Refusal as refusal:
        raise click.ClickException(refusal_sentence(refusal)) from refusal
    db.session.commit()
    click.echo(f"Compte créé pour {email}.")
