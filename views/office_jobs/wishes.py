"""Answers to wishes: the places in one transaction, then each family's e-mail."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain import clock
from domain.wishes.operations import publish_round
from domain.wishes.queries import Answered, answered_families, answered_of
from models.wishes import WishRound
from views.extensions import db
from views.mailing import absolute, tell_family
from views.office_jobs.task import DESK, Facts, JobType, Task
from views.wish_words import answer_lines
from views.words import plural

CHILDREN_AT_ONCE, STEP = 25, 20


def _publish(task: Task) -> Iterator[None]:
    session, round_id = db.session(), int(task.subject)
    if "children" not in task.result:
        answered = publish_round(session, actor=task.actor, now=clock.now(), round_id=round_id)
        task.result |= {"children": len(answered), "families": 0}
        yield
    # Published by somebody else before: its families were told then.
    families = answered_families(session, round_id) if task.result["children"] else []
    while task.place < len(families):
        some = families[task.place : task.place + STEP]
        _tell(task, some)
        task.place += len(some)
        task.result["families"] = task.place
        task.done = min(task.total, task.place * task.total // len(families))
        yield


def _tell(task: Task, family_ids: Sequence[int]) -> None:
    """Tell each family the answers of all its children in one mail."""
    wish_round = db.session.get_one(WishRound, int(task.subject))
    families: dict[int, list[Answered]] = defaultdict(list)
    for one in answered_of(db.session(), wish_round.id, family_ids):
        families[one.family_id].append(one)
    for family_id, children in sorted(families.items()):
        tell_family(
            "wishes_answered",
            family_id,
            about={one.child_id for one in children},
            once_key=f"wishes_answered:{wish_round.id}:{family_id}",
            round_name=wish_round.name,
            children=partial(_answers, children),
            total=task.result["children"],
            url=absolute("parent.wishes"),
        )


def _answers(children: Sequence[Answered]) -> list[tuple[str, int, list[str]]]:
    """Return what the mail says of each child, in the language of whoever reads it."""
    return [(one.child_name, one.place, answer_lines(one.answers)) for one in children]


def _published(_facts: Facts, result: Facts) -> str:
    if not result["children"]:
        return _("Les réponses étaient déjà publiées : rien n’a changé.")
    words = plural(
        "Les réponses sont publiées : %(num)d famille est prévenue.",
        "Les réponses sont publiées : %(num)d familles sont prévenues.",
        result["families"],
    )
    return words % {"num": result["families"]}


WISHES = JobType(
    steps=_publish,
    takes_turns=True,
    roles=DESK,
    title=lambda facts: _("Réponses aux vœux : %(name)s", name=facts["name"]),
    unit=_l("Enfants traités"),
    at_once=CHILDREN_AT_ONCE,
    said=_published,
    href=lambda subject, _facts, _result: url_for("admin_wishes.review", round_id=int(subject)),
)
