"""Déclarer mon entourage: a new family's file, filled in task by task, sent, completed when staff ask for it.

The draft is made of real rows: a family that is not validated, its adults, children and trusted people. What
has no row of its own waits in the request's answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor
from domain.clock import local_day
from domain.demarches.operations import SERIES
from domain.documents.needs import NeededDocument, needed_documents
from domain.errors import Refusal
from domain.family.sheet import FamilySheet, family_sheet
from domain.numbering import take_numbers
from models.accounts import User
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Child, Family, FamilyState, Guardian

EDITABLE = (DemarcheState.DRAFT, DemarcheState.COMPLEMENT_ASKED)
# What the answers call for, beyond what every declaration does: acts of DocumentRequirement.
BASE_ACT, SEPARATED_ACT, PAI_ACT = "family_declaration", "declared_separation", "declared_pai"


class Task(StrEnum):
    """A part of the declaration, with a page of its own."""

    SELF = "self"
    OTHER_PARENT = "other_parent"
    CHILD = "child"
    CARE = "care"
    TRUSTED = "trusted"
    DOCUMENTS = "documents"


class Progress(StrEnum):
    """How far a task has come."""

    TO_DO = "to_do"
    STARTED = "started"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task and how far it is; ``child`` is whom it is about, if it is about one."""

    task: Task
    progress: Progress
    child: Child | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration with all that was said; ``sheet`` is None until the first task is done."""

    demarche: Demarche
    sheet: FamilySheet | None

    @property
    def is_editable(self) -> bool:
        """Whether the parent may change it and send it."""
        return self.demarche.state in EDITABLE

    @property
    def children(self) -> list[Child]:
        """The children declared, the eldest first."""
        return self.sheet.children if self.sheet else []

    def me(self, user_id: int) -> Guardian | None:
        """Return the adult that this account is."""
        adults = self.sheet.guardians if self.sheet else []
        return next((adult for adult in adults if adult.user_id == user_id), None)

    def other(self, user_id: int) -> Guardian | None:
        """Return the other adult of the same home, if one was declared."""
        adults = self.sheet.guardians if self.sheet else []
        return next((adult for adult in adults if adult.user_id != user_id), None)

    def answer(self, name: str) -> dict[str, Any]:
        """Return what was answered under a name that has no row of its own; empty when nothing was."""
        return dict(self.demarche.answers.get(name, {}))

    def care_of(self, child_id: int) -> dict[str, Any]:
        """Return a child's answers: ``level``, ``has_pai``; empty before its page is filled in."""
        return dict(self.answer("children").get(str(child_id), {}))


def find_declaration(session: Session, user_id: int) -> Demarche | None:
    """Return the latest declaration that an account began, or whose family it is an adult of."""
    mine = select(Guardian.family_id).where(Guardian.user_id == user_id)
    return session.scalar(
        select(Demarche)
        .where(
            Demarche.kind == DemarcheKind.FAMILY_DECLARATION,
            or_(Demarche.user_id == user_id, Demarche.family_id.in_(mine)),
        )
        .order_by(Demarche.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def read_declaration(session: Session, demarche: Demarche, today: date) -> Declaration:
    """Return a declaration as it stands."""
    sheet = None if demarche.family_id is None else family_sheet(session, demarche.family_id, today)
    return Declaration(demarche, sheet)


def open_declaration(session: Session, *, actor: Actor) -> Demarche:
    """Return the actor's declaration to write into; begins one for an account that has none.

    One writer at a time: the account's row is held until the transaction ends, so that a form sent twice has
    one effect.

    Raises:
        Refusal: ``not_allowed`` for who is not a parent; ``declaration_already_sent`` when it waits for staff or
            was decided; ``family_already_known`` for an adult of a validated family.
    """
    if not actor.user_id:
        raise Refusal("not_allowed")
    session.execute(
        update(User)
        .where(User.id == actor.user_id)
        .values(active=User.active)
        .execution_options(synchronize_session=False)
    )
    demarche = find_declaration(session, actor.user_id)
    if demarche is None:
        if actor.family_ids:
            raise Refusal("family_already_known")
        demarche = Demarche(
            kind=DemarcheKind.FAMILY_DECLARATION,
            state=DemarcheState.DRAFT,
            user_id=actor.user_id,
            answers={},
        )
        session.add(demarche)
        session.flush()
    if demarche.state not in EDITABLE:
        raise Refusal("declaration_already_sent", number=demarche.number or "")
    return demarche


def task_states(session: Session, declaration: Declaration, *, user_id: int, today: date) -> list[TaskState]:
    """Return every task in the order in which it is best done."""
    answers = declaration.demarche.answers
    me = declaration.me(user_id)
    is_begun = me is not None and bool(me.phone)
    found = [
        TaskState(Task.SELF, Progress.DONE if is_begun else Progress.TO_DO),
        TaskState(Task.OTHER_PARENT, _done("other_parent" in answers)),
    ]
    for child in declaration.children:
        found.append(TaskState(Task.CHILD, Progress.DONE, child))
        found.append(TaskState(Task.CARE, _done(bool(declaration.care_of(child.id))), child))
    if not declaration.children:
        found.append(TaskState(Task.CHILD, Progress.TO_DO))
    trusted = declaration.sheet.trusted if declaration.sheet else []
    is_settled = bool(answers.get("trusted_settled"))
    started = Progress.STARTED if trusted else Progress.TO_DO
    found.append(TaskState(Task.TRUSTED, Progress.DONE if is_settled else started))
    found.append(TaskState(Task.DOCUMENTS, _documents_progress(session, declaration, today)))
    return found


def _done(is_done: bool) -> Progress:
    return Progress.DONE if is_done else Progress.TO_DO


def _documents_progress(session: Session, declaration: Declaration, today: date) -> Progress:
    if not declaration.children:
        return Progress.TO_DO
    needs = declaration_documents(session, declaration, today)
    given = [need.is_given for need in needs]
    if all(given):
        return Progress.DONE
    return Progress.STARTED if any(given) else Progress.TO_DO


def declaration_documents(session: Session, declaration: Declaration, today: date) -> list[NeededDocument]:
    """Return the documents that the answers call for, and only these.

    Every declaration asks for those of ``family_declaration``; parents who live apart for those of
    ``declared_separation``; a child with a PAI for those of ``declared_pai``.
    """
    family_id = declaration.demarche.family_id
    if family_id is None:
        return []
    found = needed_documents(session, act=BASE_ACT, family_id=family_id, today=today)
    if declaration.answer("other_parent").get("situation") == "elsewhere":
        found += needed_documents(session, act=SEPARATED_ACT, family_id=family_id, today=today)
    for child in declaration.children:
        if declaration.care_of(child.id).get("has_pai"):
            found += needed_documents(
                session, act=PAI_ACT, family_id=family_id, child_id=child.id, today=today
            )
    seen = {(need.type_id, need.subject, need.subject_id): need for need in reversed(found)}
    return list(reversed(seen.values()))


def unfinished(tasks: Sequence[TaskState]) -> list[TaskState]:
    """Return the tasks without which nothing can be sent; documents may follow."""
    return [one for one in tasks if one.task is not Task.DOCUMENTS and one.progress is not Progress.DONE]


def submit_declaration(session: Session, *, actor: Actor, now: datetime) -> Demarche:
    """Send the declaration to staff, with a new number; a completed one keeps its number.

    Documents that are still missing do not hold it up: the acknowledgement names them.

    Raises:
        Refusal: ``declaration_incomplete``; see ``open_declaration``.
    """
    demarche = open_declaration(session, actor=actor)
    today = local_day(now)
    declaration = read_declaration(session, demarche, today)
    tasks = task_states(session, declaration, user_id=actor.user_id or 0, today=today)
    if unfinished(tasks) or declaration.sheet is None:
        raise Refusal("declaration_incomplete")
    was = demarche.state
    if demarche.number is None:
        demarche.number = f"D{today.year}-{take_numbers(session, SERIES, today.year):06d}"
    demarche.state, demarche.submitted_at = DemarcheState.SUBMITTED, now
    declaration.sheet.family.state = FamilyState.SUBMITTED
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="submit_declaration",
        subject_kind="demarche",
        subject_id=demarche.id,
        family_id=demarche.family_id,
        before={"state": was.value},
        after={"state": demarche.state.value, "number": demarche.number},
    )
    return demarche


def restart_declaration(session: Session, *, actor: Actor, now: datetime) -> Demarche:
    """Begin again after a refusal, with what was said before; it will get a number of its own.

    Raises:
        Refusal: ``declaration_not_refused``.
    """
    demarche = find_declaration(session, actor.user_id or 0)
    if demarche is None or demarche.state is not DemarcheState.REFUSED or demarche.family_id is None:
        raise Refusal("declaration_not_refused")
    again = Demarche(
        kind=DemarcheKind.FAMILY_DECLARATION,
        state=DemarcheState.DRAFT,
        family_id=demarche.family_id,
        user_id=actor.user_id,
        answers=dict(demarche.answers),
    )
    session.add(again)
    session.get_one(Family, demarche.family_id).state = FamilyState.DRAFT
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="restart_declaration",
        subject_kind="demarche",
        subject_id=again.id,
        family_id=again.family_id,
        before={"number": demarche.number},
    )
    return again
