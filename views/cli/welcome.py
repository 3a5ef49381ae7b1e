"""What ``make run`` prints: where the portal is, and how to sign in as each person of the demonstration."""

import click

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
    from demo.people import DEMO_ACCOUNTS, DEMO_PASSWORD  # noqa: PLC0415 - only the demonstration knows the town

    click.echo(f"\nComptes de démonstration (mot de passe : {DEMO_PASSWORD})\n")
    for person in DEMO_ACCOUNTS:
        click.echo(f"  {person.sign_in:<38}{person.about}")
