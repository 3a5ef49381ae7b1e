"""What ``make run`` prints: where the portal is, and how to sign in as each person of the demonstration."""

import click
from flask import current_app

from config import DEMO, Settings


def print_welcome(settings: Settings) -> None:
    """Print the addresses and, in demonstration mode, the accounts."""
    base = settings.public_url
    rows = [("Portail des familles", base), ("Back office", f"{base}/admin/")]
    if settings.has_development_pages:
        rows += [("Courriels envoyés", f"{base}/dev/courriels")]
    click.echo("\nPréau est ouvert.\n")
    for name, value in rows:
        click.echo(f"  {name:<24}{value}")
    if settings.mode == DEMO:
        _print_accounts()
    click.echo("\nCtrl-C pour arrêter.\n")


def _print_accounts() -> None:
    demo = current_app.extensions["demo"]
    click.echo(f"\nComptes de démonstration (mot de passe : {demo.password})\n")
    for account in demo.accounts():
        click.echo(f"  {account.sign_in:<36}{account.about}")
