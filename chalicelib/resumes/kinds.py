"""What a file really is, by its bytes, and whether that is what its name says."""

from __future__ import annotations

import re
from enum import StrEnum

from chalicelib.resumes.errors import FileDamaged, FileEmpty, FileEncrypted, TypeMismatch, TypeNotSupported

PDF_HEADER = re.compile(rb"%PDF-\d\.\d")
PDF_HEADER_WITHIN = 1024  # readers accept a few stray bytes in front, so candidates send such files
OLE_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # how Office stores a document with a password
BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # bytes that stand in no text of an 8-bit encoding
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Kind(StrEnum):
    """What a file is; the value reads as the object of a sentence."""

    PDF = "a PDF"
    DOCX = "a Word document (DOCX)"
    TEXT = "plain text"
    OLE = "an old Office document (such as .doc)"
    ZIP = "a ZIP archive"
    RTF = "a rich text (RTF) document"
    HTML = "a web page (HTML)"
    IMAGE = "a picture"
    BINARY = "of a type that we do not know"


READABLE = (Kind.PDF, Kind.DOCX, Kind.TEXT)
IMAGE_HEADERS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
CLAIMED: dict[str, Kind] = {
    "pdf": Kind.PDF,
    "docx": Kind.DOCX,
    "txt": Kind.TEXT,
    "text": Kind.TEXT,
    "md": Kind.TEXT,
    "doc": Kind.OLE,
    "rtf": Kind.RTF,
    "zip": Kind.ZIP,
    "htm": Kind.HTML,
    "html": Kind.HTML,
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp"), Kind.IMAGE),
}


def kind_of(content: bytes, *, filename: str) -> Kind:
    """The readable kind of `content`: PDF, DOCX or TEXT. A name without a known extension claims nothing.

    Raises FileEmpty, FileEncrypted (Office), TypeMismatch, TypeNotSupported, or FileDamaged when it is bytes of no
    known type under a name that we would read. What starts as a ZIP and is named .docx passes: the archive is looked
    into when it is opened.
    """
    if not content:
        raise FileEmpty()
    found, extension = _found(content), _extension(filename)
    claimed = CLAIMED.get(extension)
    if found is Kind.OLE:
        _refuse_ole(content)
    if found is Kind.BINARY and claimed in READABLE:
        raise FileDamaged(f"nothing in it is {claimed}")
    if claimed is not None and claimed is not found:
        raise TypeMismatch(extension, found)
    if found not in READABLE:
        raise TypeNotSupported(found)
    return found


def _refuse_ole(content: bytes) -> None:
    if ENCRYPTED_STREAM in content:
        raise FileEncrypted()
    raise TypeNotSupported(Kind.OLE)


def _extension(filename: str) -> str:
    _, dot, extension = filename.rpartition(".")
    return extension.strip().lower() if dot else ""


def _found(content: bytes) -> Kind:
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        # The names in a ZIP's directory are never compressed, so this needs no unpacking.
        return Kind.DOCX if b"word/document" in content or not _has_directory(content) else Kind.ZIP
    if content.startswith(OLE_HEADER):
        return Kind.OLE
    if content.startswith(IMAGE_HEADERS):
        return Kind.IMAGE
    if content.startswith(b"{\\rtf"):
        return Kind.RTF
    if PDF_HEADER.search(content, 0, PDF_HEADER_WITHIN):
        return Kind.PDF
    return _found_in_text(content)


def _has_directory(content: bytes) -> bool:
    return b"PK\x05\x06" in content


def _found_in_text(content: bytes) -> Kind:
    if not content.startswith(UTF_16_MARKS) and BINARY.search(content):
        return Kind.BINARY
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return Kind.HTML if start.startswith((b"<!doctype html", b"<html")) else Kind.TEXT
