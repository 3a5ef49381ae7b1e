"""Every answer "no" has a French sentence, and every sentence has what it needs."""

import ast
import re
from collections import defaultdict

from flask import Flask
from jinja2 import meta

from tests.house.sources import ROOT, TEMPLATES, is_call_to, literals, name_of, nodes

SENTENCES = TEMPLATES / "refusals"
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def raised() -> dict[str, list[tuple[str, set[str] | None]]]:
    """Return, by code, where it is raised and with which facts; None when they are passed as a mapping."""
    found = defaultdict(list)
    for place, node in nodes("domain", "gateways", "views"):
        if isinstance(node, ast.Call) and is_call_to(node, "Refusal") and node.args:
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                names = [keyword.arg for keyword in node.keywords]
                found[code.value].append((place, None if None in names else {name for name in names if name}))
    return found


def sentence_codes() -> list[str]:
    return sorted(path.stem for path in SENTENCES.glob("*.txt"))


def test_refusals_are_found_at_all() -> None:
    assert len(raised()) > 5


def test_every_refusal_has_its_sentence() -> None:
    missing = {code: places[0][0] for code, places in raised().items() if code not in sentence_codes()}

    assert missing == {}


def test_every_sentence_belongs_to_a_refusal() -> None:
    assert set(sentence_codes()) - literals() == set()


def test_codes_are_plain_names() -> None:
    assert [code for code in [*raised(), *sentence_codes()] if not CODE.fullmatch(code)] == []


def test_every_sentence_gets_the_facts_that_it_shows(shared_app: Flask) -> None:
    faults = []
    for code, places in raised().items():
        path = SENTENCES / f"{code}.txt"
        if not path.exists():
            continue  # the test above says so
        needs = meta.find_undeclared_variables(shared_app.jinja_env.parse(path.read_text(encoding="utf-8")))
        needs -= set(shared_app.jinja_env.globals)
        faults += [
            f"{place}: {code} lacks {sorted(needs - facts)}"
            for place, facts in places
            if facts is not None and needs - facts
        ]

    assert faults == []


def test_sentences_are_written_as_french_is() -> None:
    faults = []
    for path in sorted(SENTENCES.glob("*.txt")):
        shown = re.sub(r"\{[{%#].*?[}%#]\}", "x", path.read_text(encoding="utf-8"), flags=re.DOTALL).strip()
        if "'" in shown:
            faults.append(f"{path.name}: straight apostrophe")
        if not shown or shown[-1] not in ".?!»x":
            faults.append(f"{path.name}: does not end as a sentence")

    assert faults == []


def test_no_sentence_is_kept_elsewhere() -> None:
    assert [name_of(path) for path in SENTENCES.iterdir() if path.suffix != ".txt"] == []
    assert (ROOT / "templates" / "refusals").is_dir()
