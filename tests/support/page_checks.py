"""What must be true of every page, whoever wrote it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as SYNTAX_FAULTS

LANGUAGES = {"fr", "en"}
NEED_LABEL = {"input", "select", "textarea"}
NO_LABEL = {"hidden", "submit", "button", "image", "reset"}
STRAIGHT_APOSTROPHE = re.compile(r"\w'\w")
RUNS_ON = {"a", "abbr", "b", "em", "i", "small", "span", "strong", "sub", "sup", "time"}
POINTS_AT_IDS = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "list")


def text_of(element: Element) -> str:
    """Return the words of an element, single-spaced, as they are read: no word runs into the next block."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    if isinstance(element.tag, str):
        yield element.text or ""
        for child in element:
            gap = "" if child.tag in RUNS_ON else " "
            yield gap
            yield from _pieces(child)
            yield gap
            yield child.tail or ""


def read_page(html: str, path: str) -> Element:
    """Look at a page and return its tree, without namespaces; collects all that is wrong before it complains.

    Raises:
        AssertionError: with one line for each fault.
    """
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    faults = [
        *_syntax(parser.errors),
        *_head(root),
        *_ids(root),
        *_inline(root),
        *_labels(root),
        *_forms(root),
        *_summaries(root),
        *_tables(root),
        *_words(root),
    ]
    assert not faults, f"{path}:\n" + "\n".join(f"  - {fault}" for fault in faults)
    return root


def _syntax(errors: Iterable[tuple[tuple[int, int], str, dict[str, str]]]) -> Iterator[str]:
    for (line, column), code, data in errors:
        yield f"not strict HTML, line {line}, column {column}: {SYNTAX_FAULTS[code] % data}"


def _head(root: Element) -> Iterator[str]:
    if root.get("lang") not in LANGUAGES:
        yield "the page does not say in which language it is"
    headings = list(root.iter("h1"))
    if len(headings) != 1:
        yield f"{len(headings)} h1 instead of one"
    if len(list(root.iter("main"))) != 1:
        yield "not exactly one main"
    title = next((text_of(element) for element in root.iter("title")), "")
    if headings and not title.startswith(text_of(headings[0])):
        yield f"the title {title!r} does not begin with the h1 {text_of(headings[0])!r}"
    yield from _heading_order(root)


def _heading_order(root: Element) -> Iterator[str]:
    levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch(r"h[1-6]", str(element.tag))]
    for above, below in zip(levels, levels[1:], strict=False):
        if below > above + 1:
            yield f"an h{below} follows an h{above}"


def _ids(root: Element) -> Iterator[str]:
    counts = Counter(identity for element in root.iter() if (identity := element.get("id")))
    yield from (
        f"{count} elements have the id {identity!r}" for identity, count in counts.items() if count > 1
    )
    for element in root.iter():
        for attribute in POINTS_AT_IDS:
            for target in (element.get(attribute) or "").split():
                if target not in counts:
                    yield f"{element.tag} {attribute} points at the id {target!r}, which is nowhere"
        href = element.get("href") or ""
        if href.startswith("#") and href != "#" and href[1:] not in counts:
            yield f"a link goes to {href}, which is nowhere"


def _inline(root: Element) -> Iterator[str]:
    for element in root.iter():
        if element.tag == "style" or element.get("style") is not None:
            yield f"inline style on {element.tag}"
        if (
            element.tag == "script"
            and element.get("src") is None
            and element.get("type") != "application/json"
        ):
            yield "inline script"
        yield from (f"{element.tag} has {name}" for name in element.keys() if str(name).startswith("on"))  # noqa: SIM118
        source = element.get("src") or (element.get("href") if element.tag == "link" else None) or ""
        if source.startswith(("http:", "https:", "//")):
            yield f"{element.tag} loads {source} from another host"
        if element.tag == "img" and element.get("alt") is None:
            yield f"no alt on image {element.get('src')}"


def _labels(root: Element) -> Iterator[str]:
    named = {element.get("for") for element in root.iter("label")}
    wrapped = {id(inner) for label in root.iter("label") for inner in label.iter()}
    for element in root.iter():
        if element.tag in NEED_LABEL and element.get("type") not in NO_LABEL:
            has_name = element.get("aria-label") or element.get("aria-labelledby")
            if not (has_name or element.get("id") in named or id(element) in wrapped):
                yield f"{element.tag} {element.get('name')} has no label"
        if element.tag in ("button", "a") and not (text_of(element) or element.get("aria-label")):
            drawn = [inner.get("alt") or inner.get("aria-label") for inner in element.iter()]
            if not any(drawn):
                yield f"{element.tag} {element.get('href') or element.get('name')} has no words"


def _forms(root: Element) -> Iterator[str]:
    for form in root.iter("form"):
        fields = {element.get("name") for element in form.iter("input")}
        # A form that leaves for the bank has the bank's signature instead; our token stays at home.
        is_ours = "PBX_HMAC" not in fields
        if is_ours and (form.get("method") or "").lower() == "post" and "csrf_token" not in fields:
            yield f"the form to {form.get('action')} has no CSRF token"


def _summaries(root: Element) -> Iterator[str]:
    """Check that what is to be corrected is said in one place of every page: below its h1, above its forms."""
    for main in root.iter("main"):
        tags = ["errors" if _is_summary(element) else element.tag for element in main.iter()]
        for place in (index for index, tag in enumerate(tags) if tag == "errors"):
            if "h1" in tags[place:]:
                yield "the error summary stands above the h1"
            if "form" in tags[:place]:
                yield "the error summary stands below a form"


def _is_summary(element: Element) -> bool:
    return "error-summary" in (element.get("class") or "").split()


def _tables(root: Element) -> Iterator[str]:
    """Check that a table of data has headers with a scope, and a name: a caption, or that of the region around it."""
    named = {
        id(table)
        for region in root.iter()
        if region.get("role") == "region" and region.get("aria-label")
        for table in region.iter("table")
    }
    for table in root.iter("table"):
        if table.get("role") == "presentation":
            continue
        heads = list(table.iter("th"))
        if not heads:
            yield "a table has no header"
        if any(head.get("scope") is None for head in heads):
            yield "a header of a table does not say whether it heads a row or a column"
        if not (id(table) in named or table.get("aria-label") or list(table.iter("caption"))):
            yield "a table has no name"


def _words(root: Element) -> Iterator[str]:
    for main in root.iter("main"):
        words = text_of(main)
        if found := STRAIGHT_APOSTROPHE.search(words):
            yield f"straight apostrophe near {words[max(0, found.start() - 20) : found.end() + 20]!r}"
