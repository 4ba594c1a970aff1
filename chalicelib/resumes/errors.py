"""Why a document could not be read: each reason in words that a recruiter can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.errors import Invalid, Unavailable


class Unreadable(Invalid):
    """The document has no text that we can read, and reading it again will not help."""

    code = "unreadable"
    title = "Document cannot be read"


class FileEmpty(Unreadable):
    code = "file_empty"

    def __init__(self) -> None:
        super().__init__("The file is empty (0 bytes). Please upload it again.")


class FileEncrypted(Unreadable):
    code = "file_encrypted"

    def __init__(self) -> None:
        super().__init__(
            "The file is protected by a password. Please ask for a copy without one, or remove it and upload again."
        )


class NoTextLayer(Unreadable):
    """A PDF of pictures: a scan, a photo, or letters drawn as shapes."""

    code = "no_text_layer"

    def __init__(self, pages: int) -> None:
        where = "The page of this PDF shows" if pages == 1 else f"The {pages} pages of this PDF show"
        super().__init__(
            f"{where} no readable text, only pictures: it looks like a scan. Please ask for the original document.",
            pages=pages,
        )


class FileDamaged(Unreadable):
    code = "file_damaged"

    def __init__(self, why: str = "its content is broken or cut off") -> None:
        super().__init__(f"The file is damaged: {why}. Please upload it again, or ask for another copy.")


class TypeMismatch(Unreadable):
    code = "type_mismatch"

    def __init__(self, extension: str, found: str) -> None:
        super().__init__(
            f"The file name ends in .{extension}, but the file is {found}. Please save it as PDF or DOCX and upload it."
        )


class TypeNotSupported(Unreadable):
    code = "type_not_supported"

    def __init__(self, found: str) -> None:
        super().__init__(
            f"The file is {found}, which cannot be read. Please save it as PDF or DOCX and upload it again."
        )


class TooManyPages(Unreadable):
    code = "too_many_pages"

    def __init__(self, pages: int, max_pages: int) -> None:
        super().__init__(
            f"The document has {pages} pages; at most {max_pages} are read. Please upload a shorter one.",
            pages=pages,
            max_pages=max_pages,
        )


class FileTooComplex(Unreadable):
    code = "file_too_complex"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The file is too complex to be read safely: {why}. Please save it as a new, plain PDF and upload that."
        )


class NoText(Unreadable):
    code = "no_text"

    def __init__(self) -> None:
        super().__init__("The document has no words that a reader would see. Please check that it is the right file.")


class ReaderUnavailable(Unavailable):
    """The process that reads documents could not be started or did not answer; the document may be fine."""

    code = "reader_unavailable"

    def __init__(self, why: str) -> None:
        super().__init__(f"documents cannot be read at the moment: {why}")


_BY_CODE: dict[str, type[Unreadable]] = {
    kind.code: kind
    for kind in (
        FileEmpty,
        FileEncrypted,
        NoTextLayer,
        FileDamaged,
        TypeMismatch,
        TypeNotSupported,
        TooManyPages,
        FileTooComplex,
        NoText,
    )
}


def told(refusal: Unreadable) -> dict[str, Any]:
    """`refusal` as JSON, to be told by one process to another."""
    return {"code": refusal.code, "detail": refusal.detail, "extra": refusal.extra}


def retold(message: Mapping[str, Any]) -> Unreadable:
    """The refusal that `told` described; KeyError or TypeError when `message` is nothing of the kind."""
    kind = _BY_CODE[message["code"]]
    refusal = kind.__new__(kind)
    Unreadable.__init__(refusal, str(message["detail"]), **message["extra"])
    return refusal
