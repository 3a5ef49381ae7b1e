"""The documents say what they must, in the right place, to eyes and to screen readers."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import NullObject

from gateways.pdf import (
    address_lines,
    merge_print_batch,
    render_invoice,
    render_letter,
    render_letters,
    render_pdf,
    render_receipt,
    render_reminder,
)
from gateways.pdf.renderer import ForbiddenResource
from tests.gateways.papers import (
    FIRST,
    SECOND,
    make_credit_note,
    make_invoice,
    make_letter,
    make_receipt,
    make_reminder,
    render,
)

MILLIMETRE = 72 / 25.4


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def elements_of(pdf: bytes) -> list[Any]:
    found, waiting = [], [PdfReader(BytesIO(pdf)).root_object["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop(0).get_object()
        if isinstance(node, list):
            waiting = [*node, *waiting]
        elif isinstance(node, dict):
            found.append(node)
            waiting = [*([node["/K"]] if "/K" in node else []), *waiting]
    return found


def tags_of(pdf: bytes) -> list[str]:
    return [str(node["/S"]) for node in elements_of(pdf) if "/S" in node]


@pytest.fixture(scope="module")
def invoice() -> bytes:
    return render_invoice(render, make_invoice())


@pytest.fixture(scope="module")
def letter() -> bytes:
    return render_letter(render, make_letter())


@pytest.mark.parametrize(
    ("pdf", "title"),
    [
        (lambda: render_letter(render, make_letter()), "Votre accès au portail famille"),
        (lambda: render_invoice(render, make_invoice()), "Facture n° F2026-000123"),
        (lambda: render_invoice(render, make_credit_note()), "Avoir n° A2026-000007"),
        (lambda: render_receipt(render, make_receipt()), "Quittance n° Q2026-000045"),
        (lambda: render_reminder(render, make_reminder()), "Un oubli, peut-être ?"),
    ],
)
def test_every_document_is_tagged_named_and_french(pdf: Any, title: str) -> None:
    data = pdf()

    reader = PdfReader(BytesIO(data))
    root = reader.root_object
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own boolean
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == title
    assert tags_of(data).count("/H1") == 1


def test_every_figure_has_words(letter: bytes, invoice: bytes) -> None:
    figures = [node for pdf in (letter, invoice) for node in elements_of(pdf) if node.get("/S") == "/Figure"]

    assert len(figures) == 4
    assert all(figure["/Alt"] for figure in figures)


def test_only_bundled_fonts_are_embedded(invoice: bytes) -> None:
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for page in PdfReader(BytesIO(invoice)).pages
        for font in page["/Resources"]["/Font"].values()
    }

    assert fonts
    assert all("Atkinson" in font for font in fonts), fonts


def test_invoice_tells_lines_discount_total_and_how_to_pay(invoice: bytes) -> None:
    text = text_of(invoice)

    for words in (
        "Facture n° F2026-000123",
        "1002 0174",
        "octobre 2026",
        "lundi 30 novembre 2026",
        "48,96 €",
        "65,76 €",
        "84,49 €",
        "−8,45 €",
        "141,80 €",
        "16 repas à 3,06 €",
        "taux d’effort",
        "Trésor public",
        "SIRET 21459990000017",
    ):
        assert words in text, words


def test_typical_invoice_is_one_sheet(invoice: bytes) -> None:
    assert len(PdfReader(BytesIO(invoice)).pages) == 1


def test_invoice_tables_have_headers(invoice: bytes) -> None:
    tags = tags_of(invoice)
    cells = [node for node in elements_of(invoice) if node.get("/S") == "/TD"]

    assert tags.count("/Table") == 4
    assert tags.count("/H2") == 3
    assert all(cell["/A"]["/Headers"] for cell in cells)


def test_long_invoice_repeats_its_number_and_counts_its_pages() -> None:
    pdf = render_invoice(render, make_invoice(sections=(FIRST, SECOND) * 4))

    pages = [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert "Facture n° F2026-000123" in page
        assert f"Page {number} sur {len(pages)}" in page


def test_partly_paid_invoice_asks_for_the_rest() -> None:
    text = text_of(render_invoice(render, make_invoice(paid_cents=5000, due_cents=9180)))

    assert "−50,00 €" in text
    assert "Reste à payer 91,80 €" in text


def test_paid_invoice_asks_for_nothing() -> None:
    text = text_of(render_invoice(render, make_invoice(paid_cents=14180, due_cents=0, pay_url="")))

    assert "Vous n’avez rien à payer." in text
    assert "À payer" not in text


def test_credit_note_names_its_invoice_and_its_reason() -> None:
    text = text_of(render_invoice(render, make_credit_note()))

    assert "Corrige la facture F2026-000123" in text
    assert "700 au lieu de 850" in text
    assert "8,64" in text
    assert "Comment payer" not in text


def test_receipt_tells_what_it_pays() -> None:
    text = text_of(render_receipt(render, make_receipt()))

    for words in (
        "Carte bancaire en ligne",
        "F2026-000123",
        "141,80 €",
        "150,00 €",
        "8,20 €",
        "autorisation 453781",
    ):
        assert words in text, words


def test_thousands_are_grouped_without_a_foreign_font() -> None:
    text = text_of(render_receipt(render, make_receipt(amount_cents=1234567)))

    assert "12 345,67 €" in text


def test_letter_gives_codes_address_and_last_day(letter: bytes) -> None:
    text = text_of(letter)

    for words in (
        "1002 0174",
        "ABCDE-FGHJK",
        "22/01/2027",
        "famille.saint-preau.example/activer",
        "Famille Martin",
    ):
        assert words in text, words
    assert len(PdfReader(BytesIO(letter)).pages) == 1


def test_names_are_shown_as_they_are_written() -> None:
    assert "O'Brien & <fils>" in text_of(render_letter(render, make_letter(family_name="O'Brien & <fils>")))


def test_letters_of_several_adults_are_one_sheet_each() -> None:
    pdf = render_letters(render, [make_letter(), make_letter(secret="ZZZZZ-22222")])

    first, second = (page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert "ABCDE-FGHJK" in first
    assert "ABCDE-FGHJK" not in second
    assert "ZZZZZ-22222" in second


@pytest.mark.parametrize("kind", ["letter", "invoice"])
def test_recipient_shows_in_the_window_of_the_envelope(kind: str, request: pytest.FixtureRequest) -> None:
    page = PdfReader(BytesIO(request.getfixturevalue(kind))).pages[0]
    height = float(page.mediabox.height)
    places: dict[str, tuple[float, float]] = {}

    def note(text: str, _cm: Any, matrix: Any, _font: Any, _size: Any) -> None:
        x, y = _cm[4] + matrix[4] * _cm[0], _cm[5] + matrix[5] * _cm[3]
        for line in ("Mme Alice Martin", "45110 SAINT-PRÉAU"):
            if line in text.replace("\u00a0", " "):
                places[line] = (x / MILLIMETRE, (height - y) / MILLIMETRE)

    page.extract_text(visitor_text=note)
    for x, y in places.values():
        assert 100 <= x <= 190
        assert 53 <= y <= 80
    assert len(places) == 2


def test_address_fits_the_window() -> None:
    lines = address_lines(
        "M. Jean  Dupont",
        "chez Mme Durand\nRésidence du Parc\nBâtiment B\nEscalier 2\n12, rue Haute\nLe Bourg\n45110 Saint-Préau",
    )

    assert len(lines) == 6
    assert lines[0] == "M. Jean Dupont"
    assert lines[-1] == "45110 SAINT-PRÉAU"
    assert "12 rue Haute" in " ".join(lines)


def test_address_of_a_name_alone_is_kept() -> None:
    assert address_lines("Mme Alice Martin", "") == ("Mme Alice Martin",)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.png",
        "file:///etc/passwd",
        "../config.py",
        "file://elsewhere/static/a.png",
        "ftp://example.org/a",
    ],
)
def test_nothing_is_fetched_from_elsewhere(address: str) -> None:
    with pytest.raises(ForbiddenResource):
        render_pdf(f'<html lang="fr"><title>t</title><body><img src="{address}" alt="x"></body></html>')


def test_batch_keeps_pages_structure_and_order() -> None:
    documents = [render_invoice(render, make_invoice(number=f"F2026-00000{n}")) for n in (1, 2, 3)]

    batch = merge_print_batch(documents)

    reader = PdfReader(BytesIO(batch))
    assert [f"F2026-00000{n}" in page.extract_text() for n, page in enumerate(reader.pages, start=1)] == [
        True
    ] * 3
    assert tags_of(batch).count("/Part") == 3
    assert tags_of(batch).count("/TH") == 3 * tags_of(documents[0]).count("/TH")
    assert reader.root_object["/Lang"] == "fr"
    assert b"pdfuaid" in reader.root_object["/Metadata"].get_object().get_data()


def test_batch_ties_every_page_to_its_own_structure() -> None:
    documents = [
        render_invoice(render, make_invoice(sections=(FIRST, SECOND) * 3)),
        render_letter(render, make_letter()),
    ]

    reader = PdfReader(BytesIO(merge_print_batch(documents)))

    numbers = reader.root_object["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    tree = dict(zip([int(number) for number in numbers[0::2]], numbers[1::2], strict=True))
    for page in reader.pages:
        # The running heads are artifacts, and owned by no element.
        owners = [
            one for one in tree[int(page["/StructParents"])].get_object() if not isinstance(one, NullObject)
        ]
        assert all(owner.get_object()["/Pg"].get_object() == page for owner in owners)
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", ())]
    assert links
    assert all(tree[int(link["/StructParent"])].get_object()["/S"] == "/Link" for link in links)


def test_batch_headers_keep_distinct_names() -> None:
    batch = merge_print_batch([render_invoice(render, make_invoice())] * 2)

    headers = [bytes(str(node["/ID"]), "latin-1") for node in elements_of(batch) if "/ID" in node]
    assert len(headers) == len(set(headers))


def test_empty_batch_is_a_fault() -> None:
    with pytest.raises(ValueError, match="at least one"):
        merge_print_batch([])


@pytest.mark.slow
def test_batch_of_three_hundred_keeps_every_page() -> None:
    document = render_receipt(render, make_receipt())

    batch = merge_print_batch(document for _ in range(300))

    assert len(PdfReader(BytesIO(batch)).pages) == 300


def test_a_reminder_tells_each_debt_its_age_and_how_to_pay() -> None:
    pdf = render_reminder(render, make_reminder())

    text = text_of(pdf)
    for words in (
        "L2027-000012",
        "lundi 11 janvier 2027",
        "F2026-000123",
        "Octobre 2026",
        "30/11/2026",
        "2e",
        "141,80 €",
        "186,40 €",
        "Si vous venez de payer",
        "Comment payer",
    ):
        assert words in text.replace("\u00a0", " "), words
    tags = tags_of(pdf)
    assert tags.count("/TH") >= 7
    assert {"/Table", "/L", "/Figure", "/H2"} <= set(tags)
    assert len(PdfReader(BytesIO(pdf)).pages) == 1
