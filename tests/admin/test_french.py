"""The back office in French: the words of the libraries, and whatever a screen or a refused form says."""

import ast
import gettext
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import flask_admin
import flask_security
import pytest
import wtforms

from tests.house.sources import PACKAGES, python_files
from tests.support.page_checks import text_of
from tests.support.pages import Visitor
from views.admin import SCREENS
from views.admin.words import SAID

Staff = Callable[[str], Visitor]
LIBRARIES = (
    (flask_admin, "translations", "admin"),
    (wtforms, "locale", "wtforms"),
    (flask_security, "translations", "flask_security"),
)
TRANSLATED = {"gettext", "lazy_gettext", "ngettext", "xlate", "_fsdomain"}
# The same in French, or said by what the portal does not use (see the test below).
SAME = {"SMS", "email"}
UNUSED = {
    "At least %(num)d items are required": "ItemsRequired",
    "Date must be at least %(min)s.": "DateRange",
    "Date must be at most %(max)s.": "DateRange",
    "Date must be between %(min)s and %(max)s.": "DateRange",
}
ENGLISH = re.compile(
    r"\b(?:the|this|record|records|delete|create|edit|save|search|cancel|invalid|required|field|choice|"
    r"successfully|failed|not|with|selected|submit|password|page not found|method)\b",
    re.IGNORECASE,
)


def sentences(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Give the sentences that a library's own code asks to be translated: one, and many."""
    root = Path(module.__file__ or "").parent
    for path in sorted(root.rglob("*.py")):
        if any(part in ("mongoengine", "peewee", "pymongo") for part in path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node) in TRANSLATED and node.args:
                words = [one.value for one in node.args if isinstance(one, ast.Constant)]
                texts = [word for word in words if isinstance(word, str)]
                if texts:
                    yield texts[0], texts[1] if _name(node) == "ngettext" and len(texts) > 1 else ""


def _name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_every_sentence_of_the_libraries_is_said_in_french() -> None:
    left = set()
    for module, folder, domain in LIBRARIES:
        root = Path(module.__file__ or "").parent / folder
        french = gettext.translation(domain, root, languages=["fr_FR", "fr"])
        for one, many in sentences(module):
            if french.gettext(one) == one and french.ngettext(one, many, 2) in (one, many):
                left.add(one)

    assert left - SAME - set(SAID) - set(UNUSED) == set()


@pytest.mark.parametrize("name", sorted(set(UNUSED.values())))
def test_what_would_speak_english_is_used_nowhere(name: str) -> None:
    found = [path for path in python_files(*PACKAGES) if name in path.read_text(encoding="utf-8")]

    assert found == []


def english_in(visitor: Visitor, path: str) -> set[str]:
    page = visitor.get(path)
    words = " ".join(text_of(element) for element in (*page.all("main"), *page.all("header")))
    return {f"{path}: {word}" for word in ENGLISH.findall(words)}


def test_no_list_and_no_form_speaks_english(staff: Staff) -> None:
    visitor = staff("administrator")

    found: set[str] = set()
    for screen, model, *_ in SCREENS:
        address = f"/admin/{model.__name__.lower()}/"
        found |= english_in(visitor, address)
        if screen.can_create:
            found |= english_in(visitor, f"{address}new/")

    assert found == set()


def test_a_form_left_empty_is_refused_in_french(staff: Staff) -> None:
    visitor = staff("administrator")

    found: set[str] = set()
    for screen, model, *_ in SCREENS:
        if screen.can_create:
            address = f"/admin/{model.__name__.lower()}/new/"
            answer = visitor.post(visitor.get(address), action=address, follow=True)
            found |= {f"{address}: {word}" for word in ENGLISH.findall(_words(answer.text))}

    assert found == set()


def _words(html: str) -> str:
    """Return what an answer says, without its tags."""
    body = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"<[^>]*>", " ", body)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("post", "/admin/recherche", 405), ("get", "/admin/rien", 404)]
)
def test_an_error_of_the_server_is_said_in_french(staff: Staff, method: str, path: str, status: int) -> None:
    visitor = staff("administrator")
    token = {"csrf_token": visitor.get("/admin/").form("/deconnexion").find(".//input").get("value")}

    answer = getattr(visitor.client, method)(path, **({"data": token} if method == "post" else {}))

    assert answer.status_code == status
    assert 'lang="fr"' in answer.text
    assert not ENGLISH.findall(_words(answer.text))
