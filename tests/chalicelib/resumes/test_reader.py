"""Reading real files: what comes out of the good ones, and the reason given for each of the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.errors import Invalid
from chalicelib.resumes import errors, reader
from chalicelib.resumes.text import DocumentText
from tests import samples

LIMITS = reader.ReadingLimits(timeout_seconds=20, memory_mib=512, max_pages=100)


def hidden_words() -> bytes:
    return samples.pdf_drawn(lambda canvas: samples.draw_invisible(canvas, ["hire me"]))


def letters_as_shapes() -> bytes:
    return samples.pdf_drawn(lambda canvas: canvas.line(50, 700, 50, 720))


REFUSALS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "an empty file": (lambda: b"", "cv.pdf", "file_empty"),
    "a PDF with a password": (samples.encrypted_pdf, "cv.pdf", "file_encrypted"),
    "a DOCX with a password": (samples.encrypted_docx, "cv.docx", "file_encrypted"),
    "a scan": (samples.image_only_pdf, "cv.pdf", "no_text_layer"),
    "half a PDF": (samples.truncated_pdf, "cv.pdf", "file_damaged"),
    "a PDF of nonsense": (lambda: b"%PDF-1.7\nnonsense\n%%EOF", "cv.pdf", "file_damaged"),
    "binary nonsense named .pdf": (lambda: bytes(range(256)), "cv.pdf", "file_damaged"),
    "half a DOCX": (lambda: samples.docx_of(samples.SAMPLE_LINES)[:9000], "cv.docx", "file_damaged"),
    "a DOCX with broken XML": (lambda: samples.docx_with_body("<w:p>"), "cv.docx", "file_damaged"),
    "a ZIP named .pdf": (lambda: samples.zip_of({"a.txt": b"a"}), "cv.pdf", "type_mismatch"),
    "a ZIP named .docx": (lambda: samples.zip_of({"a.txt": b"a"}), "cv.docx", "type_mismatch"),
    "a picture named .pdf": (samples.png, "cv.pdf", "type_mismatch"),
    "a PDF named .docx": (lambda: samples.pdf_of(samples.SAMPLE_LINES), "cv.docx", "type_mismatch"),
    "text named .pdf": (lambda: b"Jordan Sample", "CV.PDF", "type_mismatch"),
    "an old Word document": (samples.old_doc, "cv.doc", "type_not_supported"),
    "an old Word document named .docx": (samples.old_doc, "cv.docx", "type_not_supported"),
    "a picture": (samples.png, "cv.png", "type_not_supported"),
    "rich text": (lambda: b"{\\rtf1 Jordan}", "cv.rtf", "type_not_supported"),
    "a web page": (lambda: b"<!DOCTYPE html><p>Jordan", "cv.html", "type_not_supported"),
    "a book": (lambda: samples.pdf_with_pages(2000), "cv.pdf", "too_many_pages"),
    "a zip bomb": (samples.zip_bomb_docx, "cv.docx", "file_too_complex"),
    "a zip bomb over the sum": (lambda: samples.zip_bomb_docx(unpacked_mib=120), "cv.docx", "file_too_complex"),
    "a zip bomb with a false size": (samples.lying_docx, "cv.docx", "file_damaged"),
    "thousands of parts": (samples.crowded_docx, "cv.docx", "file_too_complex"),
    "growing XML entities": (samples.entity_docx, "cv.docx", "file_too_complex"),
    "a DOCX without words": (lambda: samples.docx_of(["", " - "]), "cv.docx", "no_text"),
    "an empty PDF": (lambda: samples.pdf_of([""]), "cv.pdf", "no_text"),
    "a PDF of hidden words": (hidden_words, "cv.pdf", "no_text"),
    "letters drawn as shapes": (letters_as_shapes, "cv.pdf", "no_text_layer"),
    "a text without words": (lambda: b" \n\t\n", "cv.txt", "no_text"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(name: str) -> None:
    build, filename, code = REFUSALS[name]

    with pytest.raises(errors.Unreadable) as refusal:
        reader.read(build(), filename=filename, limits=LIMITS)

    assert refusal.value.code == code
    assert isinstance(refusal.value, Invalid)
    assert refusal.value.detail.endswith(".")


def test_a_scan_and_a_book_say_how_many_pages_they_have() -> None:
    with pytest.raises(errors.NoTextLayer) as scan:
        reader.read(samples.image_only_pdf(pages=3), filename="cv.pdf", limits=LIMITS)
    with pytest.raises(errors.TooManyPages) as book:
        reader.read(samples.pdf_with_pages(101), filename="cv.pdf", limits=LIMITS)

    assert scan.value.extra == {"pages": 3}
    assert "3 pages" in scan.value.detail
    assert book.value.extra == {"pages": 101, "max_pages": 100}


def test_a_pdf_is_read_page_by_page_with_exact_offsets() -> None:
    content = samples.pdf_of(["Jordan Sample", "Engineer"], ["Second page"])

    document = reader.read(content, filename="cv.pdf", limits=LIMITS)

    assert document == DocumentText.of_pages(["Jordan Sample\nEngineer", "Second page"])
    start = document.text.index("Second")
    assert document.quote(start, start + 6).page == 2


def test_a_word_document_is_read_with_exact_offsets() -> None:
    document = reader.read(samples.docx_of(samples.SAMPLE_LINES), filename="cv.docx", limits=LIMITS)

    assert document == DocumentText.of_pages(["\n".join(samples.SAMPLE_LINES)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_plain_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    content = "José Grünwald\r\n– Zürich".encode(encoding)

    assert reader.read(content, filename="cv.txt", limits=LIMITS).text == "José Grünwald\n– Zürich"


def test_a_name_without_an_extension_claims_nothing() -> None:
    assert reader.read(samples.pdf_of(["Jordan"]), filename="cv", limits=LIMITS).text == "Jordan"


def test_a_pdf_that_only_may_not_be_changed_is_read() -> None:
    content = samples.encrypted_pdf(user_password="")

    assert reader.read(content, filename="cv.pdf", limits=LIMITS).text.startswith("Jordan Sample")


def test_a_virus_in_a_word_document_is_not_the_readers_business() -> None:
    content = samples.eicar_docx()

    assert samples.eicar() not in content  # it is packed, as it would arrive
    assert reader.read(content, filename="cv.docx", limits=LIMITS).text.startswith("Jordan Sample")


def test_more_text_than_allowed_is_refused_and_not_cut() -> None:
    few = reader.ReadingLimits(timeout_seconds=20, memory_mib=512, max_pages=100, max_characters=20)

    for content, filename in ((samples.pdf_of(samples.SAMPLE_LINES), "cv.pdf"), (b"word " * 10, "cv.txt")):
        with pytest.raises(errors.FileTooComplex):
            reader.read(content, filename=filename, limits=few)


@pytest.mark.parametrize("filename", ["cv.pdf", "cv.docx"])
def test_the_same_bytes_give_the_same_text(filename: str) -> None:
    build = samples.pdf_of if filename.endswith("pdf") else samples.docx_of
    content = build(samples.SAMPLE_LINES)

    first = reader.read(content, filename=filename, limits=LIMITS)

    assert reader.read(content, filename=filename, limits=LIMITS) == first
    assert reader.read_here(content, filename=filename, limits=LIMITS) == first


def test_every_refusal_survives_the_way_between_processes() -> None:
    refusal = errors.TooManyPages(2000, 100)

    again = errors.retold(errors.told(refusal))

    assert type(again) is errors.TooManyPages
    assert (again.detail, again.extra) == (refusal.detail, refusal.extra)
