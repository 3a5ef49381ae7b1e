"""What a long act is made of: the task as it stands, and its kind's steps and words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.actor import Actor, Role

Facts = Mapping[str, Any]
DESK = frozenset({Role.ADMINISTRATOR, Role.SCHOOL_AGENT})
OFFICE = frozenset({Role.ADMINISTRATOR, Role.SCHOOL_AGENT, Role.REGISSEUR})
CASHIERS = frozenset({Role.ADMINISTRATOR, Role.REGISSEUR})


@dataclass
class Task:
    """An act under way; its steps move ``done``, ``place`` and ``result``, which are kept after each.

    Args:
        actor: who asked for it: rights and trail are theirs.
        place: where to go on; its meaning is the kind's own, 0 is the beginning.
        result: what it came to, as JSON.
        file_id: the file that it made.
        is_reading: its next step is long and writes at its end only, so nothing is locked from its beginning.
    """

    actor: Actor
    subject: str
    facts: Facts
    total: int
    done: int = 0
    place: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    file_id: int | None = None
    is_reading: bool = False


@dataclass(frozen=True, slots=True)
class JobType:
    """A kind of long act.

    Args:
        steps: does it; yields between two steps, and what was done is then committed with the task's new place.
        roles: who may ask for it, and look at it.
        title: what it is, in words.
        unit: what is counted, as the progress bar says it.
        at_once: the largest number that is done in the request itself, in a second or so.
        said: what it came to, in a sentence.
        href: where its result is seen.
        is_reading: whether its first step is such, see ``Task``.
        is_counted: its steps move ``done``; the page of one that is a step or two says that it runs, not how far.
        takes_turns: it goes on from its ``place``, so it may be left between two steps.
    """

    steps: Callable[[Task], Iterator[None]]
    roles: frozenset[Role]
    title: Callable[[Facts], str]
    unit: Any
    at_once: int
    said: Callable[[Facts, Facts], str]
    href: Callable[[str, Facts, Facts], str]
    is_reading: bool = False
    is_counted: bool = True
    takes_turns: bool = False
