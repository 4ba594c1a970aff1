"""Reading: from a document's bytes to the text that a person sees in it."""

from __future__ import annotations

from chalicelib.resumes import kinds, plain
from chalicelib.resumes.errors import FileEmpty, FileTooComplex, NoText
from chalicelib.resumes.kinds import Kind
from chalicelib.resumes.limits import ReadingLimits
from chalicelib.resumes.text import DocumentText

__all__ = ["ReadingLimits", "read", "read_here"]


def read(content: bytes, *, filename: str, limits: ReadingLimits) -> DocumentText:
    """The visible text of a PDF, DOCX or text file, read in a process of its own within `limits`.

    Raises Unreadable (Invalid) whatever is wrong with the file, and ReaderUnavailable when the process cannot be
    started. Takes as long as the file needs, at most `limits.timeout_seconds`.
    """
    from chalicelib.resumes import warden  # here, so that the process itself does not load what only its parent needs

    if not content:
        raise FileEmpty()
    return DocumentText.of_pages(warden.pages(content, filename=filename, limits=limits))


def read_here(content: bytes, *, filename: str, limits: ReadingLimits) -> DocumentText:
    """The same in this process, bounded in pages and characters but neither in time nor in memory."""
    kind = kinds.kind_of(content, filename=filename)
    pages = _pages(content, kind, limits)
    if sum(map(len, pages)) > limits.max_characters:
        raise FileTooComplex(f"it holds more than {limits.max_characters:,} characters of text")
    if not any(character.isalnum() for page in pages for character in page):
        raise NoText()
    return DocumentText.of_pages(pages)


def _pages(content: bytes, kind: Kind, limits: ReadingLimits) -> list[str]:
    # Each parser is loaded only for the file that needs it: starting the process is most of what a small file costs.
    if kind is Kind.PDF:
        from chalicelib.resumes import pdf

        return pdf.pages(content, limits)
    if kind is Kind.DOCX:
        from chalicelib.resumes import word

        return word.pages(content, limits)
    return plain.pages(content)
