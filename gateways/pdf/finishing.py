"""What PDF/UA-1 asks and WeasyPrint leaves out: scopes of header cells, running heads as artifacts, printed links."""

from collections.abc import Mapping
from typing import Any

PRINTED = 4


def finish(_document: Any, pdf: Any) -> None:
    """Complete a document just before it is written; WeasyPrint calls it (``finisher``)."""
    written: list[Any] = [one for one in pdf.objects if isinstance(one, dict)]
    elements = _numbered(written, "/StructElem")
    for element in elements.values():
        if element["S"] == "/TH":
            element["A"]["Scope"] = _scope(elements, element)
    for one in written:
        if one.get("Subtype") == "/Link":
            one["F"] = PRINTED
    _set_running_text_apart(pdf, written, elements)


def _scope(elements: Mapping[int, Any], cell: Any) -> str:
    """Say what a header cell heads (ISO 14289-1, 7.5): in the table's head its column, elsewhere its row."""
    row = elements[_number(cell["P"])]
    return "/Column" if elements[_number(row["P"])]["S"] == "/THead" else "/Row"


def _numbered(written: list[Any], kind: str) -> dict[int, Any]:
    """Return the objects of a kind, by number."""
    return {one.number: one for one in written if one.get("Type") == kind}


def _number(reference: Any) -> int:
    return int(reference.split()[0])


def _set_running_text_apart(pdf: Any, written: list[Any], elements: Mapping[int, Any]) -> None:
    """Make the text of the margins, which is tagged but in no reading order, a pagination artifact (7.8)."""
    root = next(one for one in written if one.get("Type") == "/StructTreeRoot")
    reached = _reached(root, elements)
    pages = _numbered(written, "/Page")
    numbers = pdf.objects[_number(root["ParentTree"])]["Nums"]
    for number, element in elements.items():
        for mark in element["K"]:
            if number not in reached and isinstance(mark, int):
                page = pages[_number(element["Pg"])]
                _make_artifact(pdf.objects[_number(page["Contents"])].stream, mark)
                # The page's own list of owners follows its number.
                numbers[numbers.index(page["StructParents"]) + 1][mark] = "null"


def _reached(root: Any, elements: Mapping[int, Any]) -> set[int]:
    """Return the elements that a reader comes to from the root."""
    found: set[int] = set()
    waiting = [kid for kid in root["K"] if not isinstance(kid, int)]
    while waiting:
        number = _number(waiting.pop())
        if number in elements and number not in found:
            found.add(number)
            waiting += [kid for kid in elements[number]["K"] if not isinstance(kid, int)]
    return found


def _make_artifact(stream: list[Any], mark: int) -> None:
    """Turn the marked content of this number into an artifact."""
    for place, item in enumerate(stream):
        if isinstance(item, dict) and item.get("MCID") == mark:
            stream[place - 1] = "/Artifact"
            item.clear()
            item["Type"] = "/Pagination"
            return
