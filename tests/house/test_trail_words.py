"""The trail speaks French: every kind of thing that it is about has its word."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from models import Base
from tests.house.sources import nodes
from views.admin.words import WORDS

PACKAGES = ("domain", "views")


def places_of(name: str) -> dict[tuple[str, str], int]:
    """Return, for each function that takes an argument of this name, by file, where it stands."""
    found = {}
    for place, node in nodes(*PACKAGES):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            if name in names:
                found[place.split(":")[0], node.name] = names.index(name)
    return found


def told(name: str) -> dict[str, set[str]]:
    """Return the texts given for an argument of this name, by name or by place, and where."""
    places, found = places_of(name), defaultdict(set)
    for place, node in nodes(*PACKAGES):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            for text in _texts(node, name, places.get((place.split(":")[0], called))):
                found[text].add(place)
    return found


def _texts(node: ast.Call, name: str, place: int | None) -> Iterator[str]:
    values = [keyword.value for keyword in node.keywords if keyword.arg == name]
    if place is not None and len(node.args) > place:
        values.append(node.args[place])
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def test_every_thing_of_the_trail_has_its_words() -> None:
    tables = {kind for kind in told("subject_kind") if kind in Base.metadata.tables}

    assert len(tables) > 10
    assert tables - set(WORDS) == set()
