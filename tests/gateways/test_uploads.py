"""An upload is taken for what it contains; what acts, hides or lies is refused, and photos lose their place."""

import hashlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from domain.errors import Refusal
from gateways.files import MAX_BYTES, MAX_PAGES, inspect_upload

GPS, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x0110


def make_image(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, "#0f6b5c").save(output, kind, **options)
    return output.getvalue()


def make_photo(kind: str = "JPEG", *, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = orientation, "PhoneCamera9000"
    exif.get_ifd(GPS)[1] = "N"
    return make_image(kind, exif=exif.tobytes())


def make_pdf(pages: int = 1, **root: Any) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    for name, value in root.items():
        writer.root_object[NameObject(f"/{name}")] = value
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def action(kind: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(f"/{kind}")})


def refused(data: bytes, name: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        inspect_upload(BytesIO(data), name)
    return caught.value


def test_jpeg_is_kept_without_its_place_and_camera() -> None:
    checked = inspect_upload(BytesIO(make_photo()), "Photo de Léo.JPEG")

    assert checked.media_type == "image/jpeg"
    assert checked.filename == "Photo de Léo.jpg"
    assert checked.pages == 1
    assert checked.sha256 == hashlib.sha256(checked.data).hexdigest()
    assert not Image.open(BytesIO(checked.data)).getexif()
    assert b"PhoneCamera9000" not in checked.data


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (60, 40)), (3, (60, 40)), (6, (40, 60)), (8, (40, 60))]
)
def test_photo_is_turned_upright(orientation: int, size: tuple[int, int]) -> None:
    checked = inspect_upload(BytesIO(make_photo(orientation=orientation)), "photo.jpg")

    assert Image.open(BytesIO(checked.data)).size == size


def test_heic_becomes_jpeg_without_its_place() -> None:
    checked = inspect_upload(BytesIO(make_photo("HEIF")), "IMG_0001.HEIC")

    assert (checked.media_type, checked.filename) == ("image/jpeg", "IMG_0001.jpg")
    image = Image.open(BytesIO(checked.data))
    assert image.format == "JPEG"
    assert not image.getexif()


def test_png_stays_png_without_its_texts() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "3 rue des Lilas")

    checked = inspect_upload(BytesIO(make_image("PNG", pnginfo=info)), "scan.png")

    assert checked.media_type == "image/png"
    assert b"Lilas" not in checked.data


@pytest.mark.parametrize("mode", ["1", "P", "LA", "CMYK", "I;16"])
def test_images_of_every_palette_are_read(mode: str) -> None:
    output = BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (8, 8)).save(output, kind)

    checked = inspect_upload(BytesIO(output.getvalue()), f"image.{kind.lower()}")

    assert Image.open(BytesIO(checked.data)).size == (8, 8)


def test_large_photo_is_made_smaller() -> None:
    checked = inspect_upload(BytesIO(make_image(size=(4000, 3000))), "photo.jpg")

    assert max(Image.open(BytesIO(checked.data)).size) <= 2600


def test_image_that_would_fill_the_memory_is_refused() -> None:
    output = BytesIO()
    Image.new("1", (20_000, 20_000)).save(output, "PNG")

    refusal = refused(output.getvalue(), "bombe.png")

    assert (refusal.code, refusal.facts) == ("image_too_large", {"megapixels": 64})


def test_truncated_image_is_refused() -> None:
    data = make_image(size=(600, 400), quality=95)

    assert refused(data[: len(data) // 3], "photo.jpg").code == "file_unreadable"


def test_pdf_is_kept_to_the_byte() -> None:
    data = make_pdf(pages=3)

    checked = inspect_upload(BytesIO(data), "attestation.pdf")

    assert checked.data == data
    assert checked.pages == 3
    assert checked.media_type == "application/pdf"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (make_pdf(), "photo.jpg"),
        (make_image(), "attestation.pdf"),
        (make_image("PNG"), "photo.jpg"),
        (make_image(), "photo"),
        (make_image(), "photo.jpg.exe"),
    ],
)
def test_file_that_is_not_what_its_name_says_is_refused(data: bytes, name: str) -> None:
    assert refused(data, name).code == "file_mismatch"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "page.pdf"),
        (b"MZ\x90\x00" + bytes(200), "photo.jpg"),
        (b"PK\x03\x04" + bytes(200), "dossier.docx"),
        (b"GIF89a" + bytes(200), "image.gif"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "dessin.svg"),
    ],
)
def test_other_types_are_refused(data: bytes, name: str) -> None:
    assert refused(data, name).code == "file_type_refused"


def test_empty_file_is_refused() -> None:
    assert refused(b"", "photo.jpg").code == "file_empty"


def test_file_over_the_limit_is_refused_without_being_read_whole() -> None:
    stream = BytesIO(make_image() + bytes(MAX_BYTES * 2))

    with pytest.raises(Refusal) as caught:
        inspect_upload(stream, "photo.jpg")

    assert (caught.value.code, caught.value.facts) == ("file_too_big", {"megabytes": 10})
    assert stream.tell() == MAX_BYTES + 1


def test_locked_pdf_is_refused() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="AES-256")

    assert refused(written(writer), "a.pdf").code == "pdf_locked"


def with_script() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    script = action("JavaScript")
    script[NameObject("/JS")] = TextStringObject("app.alert('bonjour')")
    names = ArrayObject([TextStringObject("a"), writer._add_object(script)])
    tree = DictionaryObject({NameObject("/JavaScript"): DictionaryObject({NameObject("/Names"): names})})
    writer.root_object[NameObject("/Names")] = tree
    return written(writer)


def with_attachment() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_attachment("virus.exe", b"MZ")
    return written(writer)


def with_link_action(kind: str) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    note = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/A"): action(kind),
        }
    )
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(note)])
    return written(writer)


@pytest.mark.parametrize(
    "data",
    [
        with_script(),
        with_attachment(),
        with_link_action("Launch"),
        with_link_action("JavaScript"),
        with_link_action("SubmitForm"),
        make_pdf(OpenAction=action("JavaScript")),
        make_pdf(AcroForm=DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>")})),
    ],
)
def test_pdf_that_acts_or_hides_files_is_refused(data: bytes) -> None:
    assert refused(data, "a.pdf").code == "pdf_active_content"


def test_pdf_with_a_plain_link_is_accepted() -> None:
    assert inspect_upload(BytesIO(with_link_action("URI")), "a.pdf").pages == 1


def test_pdf_of_too_many_pages_is_refused() -> None:
    refusal = refused(make_pdf(pages=MAX_PAGES + 1), "a.pdf")

    assert (refusal.code, refusal.facts) == ("pdf_too_long", {"pages": MAX_PAGES})


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 20, make_pdf()[:200]])
def test_broken_pdf_is_refused(data: bytes) -> None:
    assert refused(data, "a.pdf").code == "file_unreadable"


def test_name_keeps_no_folder_and_no_hidden_sign() -> None:
    checked = inspect_upload(BytesIO(make_pdf()), "..\\..\\etc/passwd\u202e\x00.PDF")

    assert checked.filename == "passwd.pdf"


def test_pdf_can_be_read_again() -> None:
    checked = inspect_upload(BytesIO(make_pdf(pages=2)), "a.pdf")

    assert len(PdfReader(BytesIO(checked.data)).pages) == 2
