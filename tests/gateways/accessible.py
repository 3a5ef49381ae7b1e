"""What PDF/UA-1 asks of a document's structure, read with pypdf; each fault in a line."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject

HEADINGS = ("/H1", "/H2", "/H3", "/H4", "/H5", "/H6")
# Operators that paint something: text, a path, a shade, an image.
PAINTING = {b"Tj", b"TJ", b"'", b'"', b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"sh"}


def elements_of(pdf: bytes) -> list[Any]:
    """Return the structure elements, in reading order."""
    found, waiting = [], [PdfReader(BytesIO(pdf)).root_object["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop(0).get_object()
        if isinstance(node, ArrayObject):
            waiting = [*node, *waiting]
        elif isinstance(node, DictionaryObject):
            found.append(node)
            waiting = [*([node["/K"]] if "/K" in node else []), *waiting]
    return found


def faults(pdf: bytes, *, documents: int = 1) -> list[str]:
    """Return what is wrong with a PDF; ``documents`` are bound in it, each with its one H1."""
    reader = PdfReader(BytesIO(pdf))
    elements = elements_of(pdf)
    return [
        *_catalogue(reader),
        *_headings([str(one["/S"]) for one in elements if one.get("/S") in HEADINGS], documents),
        *_tables(elements),
        *_figures(elements),
        *(fault for page in reader.pages for fault in _page(page)),
    ]


def _catalogue(reader: PdfReader) -> Iterator[str]:
    root = reader.root_object
    metadata = root["/Metadata"].get_object().get_data() if "/Metadata" in root else b""
    told = {
        "not marked as tagged": "/MarkInfo" in root and bool(root["/MarkInfo"]["/Marked"]),
        "no structure tree": "/StructTreeRoot" in root,
        "not in French": root.get("/Lang") == "fr",
        "no title": bool(reader.metadata and reader.metadata.title),
        "its title is not shown": bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle")),
        "does not call itself PDF/UA-1": b"<pdfuaid:part>1<" in metadata or b'pdfuaid:part="1"' in metadata,
    }
    yield from (fault for fault, is_right in told.items() if not is_right)


def _headings(levels: list[str], documents: int) -> Iterator[str]:
    if levels.count("/H1") != documents:
        yield f"{levels.count('/H1')} first headings"
    before = 0
    for level in levels:
        depth = HEADINGS.index(level) + 1
        if depth > before + 1:
            yield f"a heading {level} after level {before}"
        before = depth


def _tables(elements: list[Any]) -> Iterator[str]:
    cells = [one for one in elements if one.get("/S") in ("/TH", "/TD")]
    named = {str(one["/ID"]) for one in cells if "/ID" in one}
    for cell in cells:
        about = cell["/A"].get_object()
        if cell["/S"] == "/TH" and about.get("/Scope") not in ("/Column", "/Row"):
            yield "a header cell without scope"
        if cell["/S"] == "/TD" and not {str(name) for name in about.get("/Headers", ())} & named:
            yield "a cell without header"


def _figures(elements: list[Any]) -> Iterator[str]:
    yield from (
        "a figure without words" for one in elements if one.get("/S") == "/Figure" and not one.get("/Alt")
    )


def _page(page: PageObject) -> Iterator[str]:
    if "/StructParents" not in page:
        yield "a page out of the structure"
    if page.get("/Annots") and page.get("/Tabs") != "/S":
        yield "links not in the order of the structure"
    for font in page["/Resources"].get_object().get("/Font", {}).values():
        yield from _font(font.get_object())
    yield from _content(page)


def _font(font: Any) -> Iterator[str]:
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    descriptor = inner.get("/FontDescriptor", DictionaryObject()).get_object()
    if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
        yield f"font {font['/BaseFont']} not embedded"
    if "/ToUnicode" not in font:
        yield f"font {font['/BaseFont']} cannot be read aloud"


def _content(page: PageObject) -> Iterator[str]:
    """Look for paint that is neither tagged nor an artifact."""
    contents = page.get_contents()
    depth = 0
    for _operands, operator in contents.operations if isinstance(contents, ContentStream) else ():
        if operator in (b"BDC", b"BMC"):
            depth += 1
        elif operator == b"EMC":
            depth -= 1
        elif operator in PAINTING and depth == 0:
            yield f"{operator.decode()} outside of tags and artifacts"
    if depth:
        yield "marked content left open"
