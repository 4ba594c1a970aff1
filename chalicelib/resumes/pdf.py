"""The visible text of a PDF, page by page, in reading order."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.resumes.columns import Piece, in_reading_order
from chalicelib.resumes.errors import FileDamaged, FileEncrypted, FileTooComplex, NoTextLayer, TooManyPages
from chalicelib.resumes.limits import ReadingLimits
from chalicelib.resumes.pdf_ground import has_drawings
from chalicelib.resumes.pdf_ink import Ink
from chalicelib.resumes.plain import tidy

END_WITHIN_BYTES = 2048
HYPHEN_MARK = "\x02"  # what pdfium puts where a word was parted at the end of a line
PARTED_WORD = re.compile(rf"(\w+){HYPHEN_MARK}(\w+)")
# First halves of words that keep their hyphen when they are put together again: "full-" + "stack".
COMPOUNDING = re.compile(
    "full|front|back|end|co|self|well|high|low|long|short|real|cross|multi|non|pre|post|open|third|test|event|user|"
    "object|award|hands|data|cloud|client|customer|decision|on|off|in|up|part|pan|inter|e|one|two|three|first",
    re.IGNORECASE,
)
WIDE_GAP = 1.8  # in font sizes; a wider gap within a line parts two columns, or a title from its dates


def pages(content: bytes, limits: ReadingLimits) -> list[str]:
    """The tidy visible text of each page. Raises the Unreadable that applies."""
    _check_end(content)
    document = _opened(content)
    try:
        count = len(document)
        if count == 0:
            raise FileDamaged("it holds no pages")
        if count > limits.max_pages:
            raise TooManyPages(count, limits.max_pages)
        texts = _page_texts(document, limits.max_characters)
        # An empty page and a picture of text call for different advice, so only the latter is told to be a scan.
        if not "".join(texts) and any(has_drawings(page) for page in document):
            raise NoTextLayer(count)
        return texts
    finally:
        document.close()


def _check_end(content: bytes) -> None:
    """A PDF ends by telling where its parts are; of one cut off, pdfium reads what is left and says nothing."""
    end = content.rstrip(b"\0 \t\r\n")[-END_WITHIN_BYTES:]
    if b"%%EOF" not in end and b"startxref" not in end:
        raise FileDamaged("its end is missing")


def _opened(content: bytes) -> Any:
    import pypdfium2
    from pypdfium2 import raw

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as mistake:
        if mistake.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise FileEncrypted() from None
        raise FileDamaged() from None


def _page_texts(document: Any, max_characters: int) -> list[str]:
    import pypdfium2

    texts, left = [], max_characters
    for index in range(len(document)):
        try:
            page = document[index]
            text_page = page.get_textpage()
        except pypdfium2.PdfiumError:
            raise FileDamaged(f"its page {index + 1} is broken") from None
        left -= text_page.count_chars()
        if left < 0:
            raise FileTooComplex(f"it holds more than {max_characters:,} characters of text")
        texts.append(_page_text(page, text_page))
        text_page.close()
        page.close()
    return texts


def _page_text(page: Any, text_page: Any) -> str:
    text = in_reading_order(_pieces(Ink(page, text_page)))
    return tidy(PARTED_WORD.sub(_joined, text).replace(HYPHEN_MARK, "-"))


def _joined(parted: re.Match[str]) -> str:
    first, second = parted[1], parted[2]
    keeps_hyphen = COMPOUNDING.fullmatch(first) is not None or not (first[-1].isalpha() and second[0].islower())
    return f"{first}-{second}" if keeps_hyphen else first + second


def _pieces(ink: Ink) -> list[Piece]:
    """The page's visible text as runs of characters that stand close together on one line."""
    pieces: list[Piece] = []
    piece: Piece | None = None
    line, gap = 0, ""
    for glyph in ink.glyphs():
        if glyph.box is None:  # a space or line end that pdfium infers from where the glyphs stand
            line += glyph.character == "\n"
            gap = gap if glyph.character in "\r\n" else glyph.character
        elif piece is not None and piece.line == line and not piece.is_far_from(glyph.box, WIDE_GAP * glyph.size):
            piece.add(gap + glyph.character, glyph.box)
            gap = ""
        else:
            piece = Piece(line, glyph.character, *glyph.box)
            pieces.append(piece)
            gap = ""
    return pieces
