"""Rules of style that no linter knows."""

import ast

from tests.house.sources import (
    PACKAGES,
    ROOT,
    imported_modules,
    is_call_to,
    name_of,
    nodes,
    python_files,
    template_files,
)

LINES = 400
# The luminance of a colour is a power of it, and no money.
COLOURS = "domain/look.py"


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    scripts = sorted((ROOT / "static").rglob("*.js"))
    files = [
        *python_files(*PACKAGES, "tests"),
        *template_files(),
        *scripts,
        ROOT / "app.py",
        ROOT / "config.py",
    ]

    # A third party's file keeps its size, and says so by its name.
    own = [path for path in files if ".min." not in path.name and "vendor" not in path.parts]
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in own}

    assert {name: length for name, length in lengths.items() if length > LINES} == {}


def test_the_application_file_stays_short() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 80


def test_money_and_rules_know_no_binary_fraction() -> None:
    found = [
        place
        for place, node in nodes("domain", "models")
        if not place.startswith(COLOURS)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id in ("float", "Float", "Double"))
    ]

    assert found == []


def test_only_entry_points_commit() -> None:
    found = [place for place, node in nodes("domain", "models", "gateways") if is_call_to(node, "commit")]

    assert found == []


def test_nobody_imports_the_application() -> None:
    found = [place for place, node in nodes(*PACKAGES) if "app" in imported_modules(node)]

    assert found == []


def test_nobody_but_the_application_imports_the_demonstration_town() -> None:
    found = [
        place
        for place, node in nodes("domain", "gateways", "models", "views")
        if any(module.split(".")[0] == "demo" for module in imported_modules(node))
    ]

    assert found == []


def test_nothing_is_left_for_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X:")
    files = [*python_files(*PACKAGES, "tests"), *template_files(), ROOT / "app.py", ROOT / "config.py"]

    found = [
        name_of(path) for path in files if any(mark in path.read_text(encoding="utf-8") for mark in marks)
    ]

    assert found == []


def test_every_room_of_the_domain_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in python_files(*PACKAGES)
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []
