"""The words of the citizens' side, as pybabel collects them, and the catalogues of the other languages."""

import re
import tempfile
from contextlib import chdir
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "translations"
# pyproject.toml says in which files; these are the names, beside Babel's own, under which our code says words.
KEYWORDS = ("_l", "later", "say", "plural:1,2")
HEADING = "# Words of Préau for the families. docs/translating.md says how to translate; `make words` keeps this up to date."
# A value in its place: of gettext, of a refusal's template, of a script.
PLACE = re.compile(r"%\(\w+\)[sd]|%%|(?<!\{)\{\w+\}(?!\})")
VALUE = re.compile(r"\{[{%]-?\s*(.*?)\s*-?[%}]\}")
QUOTED = re.compile(r"\"[^\"]*\"")


def collect() -> Catalog:
    """Return every message of the citizens' pages and mails, in French."""
    keywords = [f"--keyword={name}" for name in KEYWORDS]
    with tempfile.TemporaryDirectory() as folder, chdir(ROOT):
        target = Path(folder) / "words.pot"
        CommandLineInterface().run(
            ["pybabel", "-q", "extract", "-F", "pyproject.toml", *keywords, "-o", str(target), "."]
        )
        with target.open("rb") as file:
            return read_po(file)


def catalogues() -> list[Path]:
    """Return the catalogue of each other language."""
    return sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))


def begin(language: str) -> None:
    """Make the empty catalogue of another language, unless there is one."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        path.parent.mkdir(parents=True)
        write(path, Catalog(locale=language, project="Préau", header_comment=HEADING, fuzzy=False))


def read(path: Path) -> Catalog:
    """Read a catalogue; its folder names the language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def updated(catalogue: Catalog, words: Catalog) -> Catalog:
    """Give a catalogue the messages of today, and take out those that nobody says any more."""
    catalogue.update(words, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue in an order, and without line numbers, that keep its changes readable."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False, sort_by_file=True)


def compiled(catalogue: Catalog) -> bytes:
    """Return what gettext reads at run time."""
    data = BytesIO()
    write_mo(data, catalogue)
    return data.getvalue()


def messages(catalogue: Catalog) -> list[Message]:
    """Return the messages of a catalogue without its heading."""
    return [message for message in catalogue if message.id]


def forms(said: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the forms of a message or of its translation: one, or one a number."""
    return (said,) if isinstance(said, str) else tuple(said)


def missing(catalogue: Catalog) -> list[Message]:
    """Return the messages that are not translated, in all their forms, or of which nobody is sure."""
    return [message for message in messages(catalogue) if message.fuzzy or not all(forms(message.string))]


def places(said: str | tuple[str, ...] | list[str]) -> set[str]:
    """Return the values that a message has places for, and the conditions of a refusal but for its words."""
    text = "\n".join(forms(said))
    return set(PLACE.findall(text)) | {QUOTED.sub('""', value) for value in VALUE.findall(text)}
