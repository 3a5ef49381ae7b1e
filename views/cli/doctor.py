"""``flask doctor``: look at an installation as an operator would, and say what to mend."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import Config
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from config import PAYBOX_TEST_KEY, Settings
from domain import clock
from domain.actor import Role
from domain.search.index import unfindable_count
from gateways.pdf import render_pdf
from models.accounts import Role as RoleRow
from models.accounts import User, UserRole
from models.messages import MailState, OutboxMail
from models.town import Town
from views.extensions import db
from views.files import file_store

FREE_BYTES = 2 * 1024**3
MAIL_PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at; ``advice`` says what to do, and is empty when all is well."""

    subject: str
    advice: str = ""


def init_commands(app: Flask) -> None:
    """Add the command to ``flask``."""
    app.cli.add_command(doctor)


@click.command()
@with_appcontext
def doctor() -> None:
    """Vérifier l’installation et dire ce qu’il faut corriger ; sort en erreur s’il y a quelque chose."""
    findings = list(examine(current_app.config["PREAU"]))
    for found in findings:
        mark = click.style("à corriger", fg="red") if found.advice else click.style("bien", fg="green")
        click.echo(f"{found.subject:<28} {mark}{' : ' + found.advice if found.advice else ''}")
    if any(found.advice for found in findings):
        sys.exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each thing looked at; those that need the database stop where it does not answer."""
    yield Finding("Fichiers", _files())
    yield Finding("Place sur le disque", _disk(settings.var_dir))
    yield Finding("Documents PDF", _pdf())
    yield Finding("Adresse publique", _address(settings))
    yield Finding(
        "Courriels", "" if settings.mail_server or not settings.is_production else "donnez PREAU_MAIL_SERVER."
    )
    yield Finding("Carte bancaire", _card(settings))
    database = _database()
    yield Finding("Base de données", database)
    if database:
        return
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Version de la base", _migrations),
        ("Commune", _town),
        ("Administrateur", _administrator),
        ("Tâches de fond", _worker),
        ("Recherche", _search),
    )
    for subject, check in checks:
        yield Finding(subject, check())


def _files() -> str:
    store = file_store()
    try:
        key = store.put(b"doctor", "text/csv")
        store.delete(key)
    except OSError as error:
        return f"les pièces ne peuvent pas être écrites ({str(error).splitlines()[0]})."
    return ""


def _disk(folder: Path) -> str:
    free = shutil.disk_usage(folder).free
    return "" if free > FREE_BYTES else f"il ne reste que {free // 1024**2} Mo ; libérez de la place."


def _pdf() -> str:
    try:
        render_pdf('<!doctype html><html lang="fr"><title>Essai</title><h1>Essai</h1></html>')
    except OSError as error:
        return f"il manque une bibliothèque ({error}) : apt install libpango-1.0-0 libpangoft2-1.0-0."
    return ""


def _address(settings: Settings) -> str:
    if settings.public_url.startswith("https://") or not settings.is_production:
        return ""
    return "PREAU_PUBLIC_URL doit commencer par https://."


def _card(settings: Settings) -> str:
    if settings.payment_gateway != "paybox":
        return "" if not settings.is_production else "PREAU_PAYMENT_GATEWAY doit être paybox."
    if settings.paybox_hmac_key == PAYBOX_TEST_KEY and settings.is_production:
        return "PREAU_PAYBOX_HMAC_KEY est la clé d’essai publique."
    if not Path(settings.paybox_public_key_file).is_file():
        return "PREAU_PAYBOX_PUBLIC_KEY_FILE doit nommer la clé publique de Paybox."
    return ""


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"elle ne répond pas ({type(error).__name__}) ; vérifiez DATABASE_URL."
    return ""


def _migrations() -> str:
    folder = Path(current_app.root_path) / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    head = ScriptDirectory.from_config(config).get_current_head()
    try:
        found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        db.session.rollback()
        found = None
    return "" if found == head else "la base n’est pas à jour : flask --app app db upgrade."


def _town() -> str:
    known = db.session.scalar(select(func.count()).select_from(Town))
    return "" if known else "elle n’est pas encore décrite : flask --app app install."


def _administrator() -> str:
    known = db.session.scalar(
        select(func.count())
        .select_from(User)
        .join(UserRole, UserRole.user_id == User.id)
        .join(RoleRow, RoleRow.id == UserRole.role_id)
        .where(RoleRow.name == Role.ADMINISTRATOR.value, User.active)
    )
    return "" if known else "aucun compte ne peut régler le portail : flask --app app create-staff."


def _worker() -> str:
    late = db.session.scalar(
        select(func.count())
        .select_from(OutboxMail)
        .where(OutboxMail.state == MailState.QUEUED, OutboxMail.next_try_at < clock.now() - MAIL_PATIENCE)
    )
    if not late:
        return ""
    return (
        f"courriels en attente ({late}) depuis plus d’un quart d’heure : flask --app app worker tourne-t-il ?"
    )


def _search() -> str:
    lost = unfindable_count(db.session())
    return f"fiches que la recherche ne trouve pas ({lost}) : flask --app app reindex-search." if lost else ""
