"""Wishes in French: the criteria, the answers, and why a child has its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.errors import Refusal
from domain.wishes.queries import Answer
from domain.wishes.rules import NO_PLACE, Criterion, Phase, Verdict
from models.wishes import WishRound
from views.errors import refusal_sentence
from views.formats import day_of_month, euros
from views.words import plural

CRITERIA = {
    Criterion.WORKING_PARENTS: _l("Les deux parents travaillent ou étudient"),
    Criterion.SINGLE_PARENT: _l("Parent seul, qui travaille ou étudie"),
    Criterion.RESIDENT: _l("Famille domiciliée dans la commune"),
    Criterion.SIBLING: _l("Frère ou sœur inscrit à la même activité, ou dans la même campagne"),
    Criterion.LOW_QUOTIENT: _l("Quotient familial modeste"),
    Criterion.EARLIER_REFUSAL: _l("Aucune place obtenue aux campagnes précédentes de l’année"),
}
# The same in a word, for the staff's table.
IN_SHORT = {
    Criterion.WORKING_PARENTS: _l("Parents au travail"),
    Criterion.SINGLE_PARENT: _l("Parent seul"),
    Criterion.RESIDENT: _l("Commune"),
    Criterion.SIBLING: _l("Fratrie"),
    Criterion.LOW_QUOTIENT: _l("Quotient"),
    Criterion.EARLIER_REFUSAL: _l("Refus antérieur"),
}
# The state whose badge says each phase, and the word of it.
PHASES = {
    Phase.COMING: ("to_do", _l("À venir")),
    Phase.OPEN: ("started", _l("Vœux ouverts")),
    Phase.CLOSED: ("pending", _l("Close, réponse attendue")),
    Phase.PUBLISHED: ("done", _l("Réponses publiées")),
}
VERDICTS = {
    Verdict.GRANTED: ("reserved", _l("Place obtenue")),
    Verdict.WAITING: ("waiting", _l("Liste d’attente")),
    Verdict.REFUSED: ("refused", _l("Refusé")),
}


@dataclass(frozen=True, slots=True)
class Worth:
    """A criterion of a round as pages show it."""

    code: str
    words: str
    points: int


def criterion_words(criterion: Criterion, wish_round: WishRound) -> str:
    """Return the words of a criterion in a round; the quotient's says below which value."""
    if criterion is Criterion.LOW_QUOTIENT and wish_round.quotient_below_cents is not None:
        return _("Quotient familial inférieur à %(value)s", value=euros(wish_round.quotient_below_cents))
    return str(CRITERIA[criterion])


def worths(points: Mapping[Criterion, int], wish_round: WishRound) -> list[Worth]:
    """Return criteria with their points, in the order given."""
    return [Worth(one.value, criterion_words(one, wish_round), worth) for one, worth in points.items()]


def earned_worths(earned: Mapping[str, int], wish_round: WishRound) -> list[Worth]:
    """Return the points that a child has, as they were kept."""
    return worths({Criterion(code): worth for code, worth in earned.items()}, wish_round)


def reason_words(answer: Answer) -> str:
    """Return why a wish was not granted, "" when there is nothing to say."""
    if answer.verdict is Verdict.WAITING:
        return _(
            "Toutes les places sont allées à des enfants mieux classés. Si l’une se libère, elle vous sera proposée."
        )
    if not answer.reason:
        return ""
    if answer.reason == NO_PLACE:
        return _("Toutes les places sont allées à des enfants mieux classés.")
    return refusal_sentence(Refusal(answer.reason, closed_at=None, detail=""))


def answer_lines(answers: Sequence[Answer]) -> list[str]:
    """Return what a mail says of each answer of a child, the granted days in one line."""
    by_verdict = {verdict: [one for one in answers if one.verdict is verdict] for verdict in Verdict}
    lines = []
    for verdict in (Verdict.GRANTED, Verdict.WAITING):
        if found := by_verdict[verdict]:
            days = ", ".join(day_of_month(one.day) for one in found)
            lines.append(_("%(what)s : %(words)s", what=VERDICTS[verdict][1], words=days))
    lines += [
        _("Refusé : %(day)s. %(why)s", day=day_of_month(one.day), why=reason_words(one))
        for one in by_verdict[Verdict.REFUSED]
    ]
    return lines


def points_words(count: int) -> str:
    """Write a number of points."""
    return plural("%(num)d point", "%(num)d points", count) % {"num": count}
