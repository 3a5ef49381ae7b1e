"""The project's own files, as the tests of the house rules read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("demo", "domain", "gateways", "models", "views")
TEMPLATES = ROOT / "templates"


def python_files(*folders: str) -> list[Path]:
    """Return the Python files of these folders of the project; refuses a folder without any."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert all(any((ROOT / folder).rglob("*.py")) for folder in folders), "a folder is empty or has moved"
    return found


def template_files() -> list[Path]:
    """Return every template."""
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def nodes(*folders: str) -> Iterator[tuple[str, ast.AST]]:
    """Give every syntax node of these folders with its place, ``domain/clock.py:12``."""
    for path in python_files(*folders):
        for node in ast.walk(tree(path)):
            yield f"{name_of(path)}:{getattr(node, 'lineno', 0)}", node


@cache
def literals() -> frozenset[str]:
    """Return every string that stands by itself in the program."""
    return frozenset(
        node.value
        for _, node in nodes("domain", "gateways", "views")
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def name_of(path: Path) -> str:
    """Return a path as seen from the project's root."""
    return path.relative_to(ROOT).as_posix()


def imported_modules(node: ast.AST) -> list[str]:
    """Return the modules that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


def is_call_to(node: ast.AST, name: str) -> bool:
    """Whether the node calls ``name(…)`` or ``something.name(…)``."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (isinstance(called, ast.Name) and called.id == name) or (
        isinstance(called, ast.Attribute) and called.attr == name
    )
