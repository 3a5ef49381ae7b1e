"""The levels of reminders that a town begins with; it changes them as it likes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.recovery import PaperRule, ReminderLevel

USUAL = (
    (
        1,
        7,
        "Un oubli, peut-être ?",
        "Sauf erreur de notre part, nous n’avons pas encore reçu votre paiement de {total}. Il s’agit sans doute "
        "d’un oubli : merci de régler cette somme dès que possible.\n\n"
        "Si vous venez de payer, ne tenez pas compte de ce message.",
        PaperRule.PAPER_FAMILIES,
    ),
    (
        2,
        21,
        "Deuxième rappel",
        "Malgré notre premier rappel, {total} restent à payer. Nous vous demandons de régler cette somme sous "
        "huit jours.\n\n"
        "Une difficulté ? Appelez-nous : nous chercherons une solution avec vous.",
        PaperRule.PAPER_FAMILIES,
    ),
    (
        3,
        35,
        "Dernier avis avant transmission au Trésor public",
        "Nos rappels sont restés sans réponse : {total} restent à payer. Sans paiement sous quinze jours, cette "
        "somme sera transmise au Trésor public, qui la recouvrera.\n\n"
        "Une difficulté ? Appelez-nous avant cette date : nous chercherons une solution avec vous.",
        PaperRule.EVERYBODY,
    ),
)


def ensure_levels(session: Session) -> None:
    """Write the usual levels into a town that has none."""
    if session.scalar(select(ReminderLevel.id).limit(1)) is not None:
        return
    session.add_all(
        ReminderLevel(level=level, after_days=days, title=title, body=body, by_email=True, paper=paper)
        for level, days, title, body, paper in USUAL
    )
    session.flush()
