"""No template is forgotten, none is missing, and none does what templates must not."""

import ast
import re
from functools import cache

from flask import Flask
from jinja2 import TemplateSyntaxError

from tests.house.sources import ROOT, TEMPLATES, literals, nodes, template_files, tree

NAMED = re.compile(r"""(?:extends|include|import|from)\s+["']([^"']+)["']""")
LOOKS_LIKE_A_TEMPLATE = re.compile(r"[\w*./-]+\.(html|txt|xml|css)")
# Flask-Admin and Flask-Security look for these by name.
FOUND_BY_LIBRARIES = re.compile(r"admin/|security/|refusals/")


@cache
def used_patterns() -> frozenset[str]:
    """Return the names that program and templates mention, an unknown part written ``*``."""
    found = {name for path in template_files() for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    trees = [node for _, node in nodes("domain", "gateways", "views", "demo")] + list(
        ast.walk(tree(ROOT / "app.py"))
    )
    parts = {id(part) for node in trees if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in trees:
        text = _literal(node) if id(node) not in parts else None
        if text and LOOKS_LIKE_A_TEMPLATE.fullmatch(text):
            found.add(text)
        # Flask-Security is told a mail's name without its ending.
        elif text and re.fullmatch(r"mail/[\w*]+", text):
            found |= {f"{text}.html", f"{text}.txt"}
    return frozenset(found)


def _literal(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
    return None


def names() -> list[str]:
    return [path.relative_to(TEMPLATES).as_posix() for path in template_files()]


def _matches(name: str, pattern: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", r"[\w-]+"), name) is not None


def test_every_template_is_used() -> None:
    unused = [
        name
        for name in names()
        if not FOUND_BY_LIBRARIES.match(name)
        and not any(_matches(name, pattern) for pattern in used_patterns())
    ]

    assert unused == []


def test_every_mail_has_a_subject_and_two_bodies_and_is_sent() -> None:
    mails = {path.name for path in (TEMPLATES / "mail").iterdir() if path.stem != "layout"}
    kinds = {name.split(".")[0] for name in mails}

    assert {f"{kind}.{end}" for kind in kinds for end in ("subject.txt", "txt", "html")} == mails
    assert kinds - literals() == set()


def test_every_template_that_is_named_exists(shared_app: Flask) -> None:
    known = shared_app.jinja_env.list_templates()
    own_folders = {path.name for path in TEMPLATES.iterdir()}

    missing = [
        pattern
        for pattern in used_patterns()
        if "/" in pattern and pattern.split("/")[0] in own_folders
        if not any(_matches(name, pattern) for name in known)
    ]

    assert missing == []


def test_every_template_compiles_with_the_portals_own_filters(shared_app: Flask) -> None:
    faults = []
    for name in names():
        try:
            shared_app.jinja_env.get_template(name)
        except TemplateSyntaxError as error:
            faults.append(f"{name}:{error.lineno}: {error.message}")

    assert faults == []


FORBIDDEN = {
    "inline style": re.compile(r"""\sstyle\s*=\s*["']"""),
    "inline handler": re.compile(r"""\son[a-z]+\s*=\s*["']"""),
    "inline style sheet": re.compile(r"<style\b(?![^>]*nonce)"),
    "inline script": re.compile(r"<script\b(?![^>]*(\bsrc=|nonce|application/json))"),
}


def test_pages_keep_the_content_security_policy() -> None:
    # A mail client and the PDF engine have no such policy.
    pages = [
        path
        for path in template_files()
        if path.suffix == ".html" and path.parent.name not in ("mail", "pdf")
    ]

    faults = [
        f"{path.relative_to(TEMPLATES)}: {fault}"
        for path in pages
        for fault, pattern in FORBIDDEN.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    ]

    assert faults == []


def test_no_template_asks_another_host_for_anything() -> None:
    pattern = re.compile(r"""(?:src=|<link[^>]+href=|url\()["']?(?:https?:)?//""")

    found = [path.name for path in template_files() if pattern.search(path.read_text(encoding="utf-8"))]

    assert found == []
