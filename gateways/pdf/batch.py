"""The print batch: many tagged documents bound into one, which stays tagged.

Pages alone lose their structure when they are copied; so each document's structure tree is copied with
them and hung under one root, with the numbers that tie pages and tree together moved along.
"""

from collections.abc import Iterable, Iterator
from html import escape
from io import BytesIO
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<pdfuaid:part>1</pdfuaid:part><dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def merge_print_batch(
    documents: Iterable[bytes], *, title: str = "Lot d’impression", lang: str = "fr"
) -> bytes:
    """Return one PDF/UA document that holds each document's pages, unchanged and in order.

    Args:
        documents: PDFs of our own making, tagged.

    Raises:
        ValueError: there is no document, or one is not tagged.
    """
    writer = PdfWriter()
    binder = _Binder(writer)
    for data in documents:
        binder.add(PdfReader(BytesIO(data)))
    if not binder.parts:
        msg = "a print batch needs at least one document"
        raise ValueError(msg)
    binder.bind(title, lang)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


class _Binder:
    """Copies documents into a writer and keeps what ties their pages to their structure."""

    def __init__(self, writer: PdfWriter) -> None:
        self.writer = writer
        self.parts = ArrayObject()
        self.numbers = ArrayObject()
        self.next_number = 0

    def add(self, reader: PdfReader) -> None:
        """Copy the pages of a document, then its structure, whose page references follow the copy."""
        if "/StructTreeRoot" not in reader.root_object:
            msg = "a document of the batch is not tagged"
            raise ValueError(msg)
        tree = _resolved(reader.root_object["/StructTreeRoot"])
        start = self.next_number
        for page in reader.pages:
            _renumber(page, self.writer.add_page(page), start)
        for number, value in _pairs(_resolved(tree["/ParentTree"])["/Nums"]):
            self.numbers.append(NumberObject(start + number))
            self.numbers.append(value.clone(self.writer))
            self.next_number = max(self.next_number, start + number + 1)
        for element in _resolved(tree["/K"]):
            part = element.clone(self.writer)
            _resolved(part)[NameObject("/S")] = NameObject("/Part")
            _rename_headers(part, f"{len(self.parts)}-")
            self.parts.append(part)
        # Copies still point at their reader; without this every document would stay in memory twice.
        self.writer.reset_translation(reader)
        reader.resolved_objects.clear()

    def bind(self, title: str, lang: str) -> None:
        """Write the common structure root and what PDF/UA asks of the whole document."""
        add = self.writer._add_object  # pypdf has no public name for it
        root = _typed("/StructTreeRoot")
        document = _typed("/StructElem")
        document[NameObject("/S")] = NameObject("/Document")
        place, within = add(root), add(document)
        document[NameObject("/P")] = place
        document[NameObject("/K")] = self.parts
        for part in self.parts:
            _resolved(part)[NameObject("/P")] = within
        root[NameObject("/K")] = ArrayObject([within])
        root[NameObject("/ParentTree")] = add(DictionaryObject({NameObject("/Nums"): self.numbers}))
        root[NameObject("/ParentTreeNextKey")] = NumberObject(self.next_number)
        catalog = self.writer.root_object
        catalog[NameObject("/StructTreeRoot")] = place
        catalog[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
        catalog[NameObject("/Lang")] = TextStringObject(lang)
        catalog[NameObject("/ViewerPreferences")] = DictionaryObject(
            {NameObject("/DisplayDocTitle"): BooleanObject(True)}
        )
        self.writer.add_metadata({"/Title": title})
        self.writer.xmp_metadata = XMP.format(title=escape(title)).encode()


def _resolved(thing: Any) -> Any:
    return thing.get_object()


def _pairs(numbers: ArrayObject) -> Iterator[tuple[int, Any]]:
    return zip((int(number) for number in numbers[0::2]), numbers[1::2], strict=True)


def _typed(name: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/Type"): NameObject(name)})


def _renumber(page: Any, copy: Any, start: int) -> None:
    """Move the numbers by which the structure tree knows a page (which the copy lost) and its annotations."""
    if "/StructParents" in page:
        copy[NameObject("/StructParents")] = NumberObject(start + int(page["/StructParents"]))
    for annotation in map(_resolved, copy.get("/Annots", ())):
        if "/StructParent" in annotation:
            annotation[NameObject("/StructParent")] = NumberObject(start + int(annotation["/StructParent"]))


def _rename_headers(element: Any, prefix: str) -> None:
    """Make the names of table headers, unique in their document, unique in the batch."""
    waiting = [element]
    while waiting:
        node = _resolved(waiting.pop())
        if not isinstance(node, DictionaryObject) or node.get("/Type") == "/OBJR":
            continue
        if "/ID" in node:
            node[NameObject("/ID")] = _prefixed(node["/ID"], prefix)
        attributes = _resolved(node["/A"]) if "/A" in node else {}
        if "/Headers" in attributes:
            names = _resolved(attributes["/Headers"])
            attributes[NameObject("/Headers")] = ArrayObject(_prefixed(name, prefix) for name in names)
        kids = _resolved(node.get("/K", ArrayObject()))
        waiting.extend(kids if isinstance(kids, ArrayObject) else [kids])


def _prefixed(name: Any, prefix: str) -> ByteStringObject:
    text = name if isinstance(name, bytes) else str(name).encode()
    return ByteStringObject(prefix.encode() + text)
