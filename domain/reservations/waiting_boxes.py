"""The waiting boxes of a month: joined when ticked, left when unticked, each day answered by name."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from domain.actor import Actor
from domain.errors import Refusal
from domain.reservations.catalogue import catalogue
from domain.reservations.facts import DayRow, day_rows
from domain.reservations.operations import Choice, DayAnswer, Outcome, reserve_days
from domain.reservations.rules import Reason
from domain.reservations.waiting import join_waiting_list, leave_waiting_list


def save_waiting_boxes(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    shown: Iterable[Choice],
    checked: Iterable[Choice],
    outcome: Outcome,
) -> None:
    """Make the child's waiting what the family ticked, and add to ``outcome`` what became of each day.

    A day on which a place was freed meanwhile is booked: that is what the family was waiting for.

    Raises:
        Refusal: ``not_your_family``.
    """
    wanted = {choice.activity_day_id: choice for choice in checked}
    offered = {choice.activity_day_id for choice in shown}
    names = catalogue(session).activities
    for row in day_rows(session, child_id=child_id, day_ids=offered | wanted.keys()):
        name = names[row.activity_id].name if row.activity_id in names else ""
        answer = DayAnswer(row.id, name, row.day)
        if row.id in wanted and row.waiting_family_id != family_id:
            _join(session, actor, now, child_id, family_id, wanted[row.id], answer, row, outcome)
        elif row.id not in wanted and row.waiting_family_id == family_id:
            leave_waiting_list(
                session, actor=actor, now=now, family_id=family_id, activity_day_id=row.id, child_id=child_id
            )
            outcome.left.append(answer)


def _join(
    session: Session,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    choice: Choice,
    answer: DayAnswer,
    row: DayRow,
    outcome: Outcome,
) -> None:
    try:
        join_waiting_list(
            session,
            actor=actor,
            now=now,
            child_id=child_id,
            family_id=family_id,
            activity_day_id=row.id,
            formula_id=choice.formula_id,
        )
    except Refusal as refusal:
        if refusal.code == "place_is_free":
            booked = reserve_days(
                session, actor=actor, now=now, child_id=child_id, family_id=family_id, choices=[choice]
            )
            outcome.booked += booked.booked
            outcome.refused += booked.refused
            return
        if refusal.code == "not_your_family":
            raise
        reason = Reason(refusal.code) if refusal.code in set(Reason) else Reason.CLOSED
        closed_at = refusal.facts.get("closed_at")
        outcome.refused.append(
            DayAnswer(row.id, answer.activity_name, row.day, reason, closed_at, row.closed_reason or "")
        )
    else:
        outcome.waiting.append(answer)
