"""The gate that looks at an upload before ClamAV does.

clamd skips what exceeds its own limits and then answers OK, so whatever it would skip is refused here: bombs, deep
nesting, passwords, archives that read two ways. The gate judges how a file is built, never what it says.

A PDF is the exception: whether its /Encrypt asks a reader for a password, or only forbids printing as many honest
résumés do, takes the ciphers of the format to know. clamd knows them and reports the former alone.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from chalicelib.documents import magic, pdf_content, pictures
from chalicelib.documents.limits import Budget, StructureLimits, limits_for
from chalicelib.documents.ooxml import SHEET_MAIN, WORD_MAIN
from chalicelib.documents.packages import look_inside
from chalicelib.documents.refusals import (
    FileEmpty,
    FileEncrypted,
    HiddenContent,
    SizeMismatch,
    StructureRefused,
    TypeMismatch,
)
from chalicelib.documents.types import ALLOWED, CONTENT_TYPES, EXTENSIONS, FileType, expected_type
from chalicelib.documents.whole import whole

__all__ = ["ALLOWED", "CONTENT_TYPES", "EXTENSIONS", "FileType", "StructureLimits", "StructureRefused", "inspect"]


ARCHIVES = frozenset({FileType.DOCX, FileType.XLSX, FileType.ZIP})
TEXTS = frozenset({FileType.TXT, FileType.CSV, FileType.JSON, FileType.JSONL})
OF_OBJECTS = frozenset({FileType.JSON, FileType.JSONL})
_MAGIC = {FileType.PDF: magic.PDF, FileType.PNG: magic.PNG, FileType.JPEG: magic.JPEG}
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def inspect(
    stream: BinaryIO,
    *,
    filename: str,
    content_type: str,
    size_bytes: int,
    kind: str,
    limits: StructureLimits | None = None,
    allow_archives: bool = False,
) -> FileType:
    """The type of the file in `stream` (seekable; left at its start), once nothing about its build speaks against it.

    `size_bytes` is what was announced, `kind` a document kind (a key of ALLOWED); `allow_archives` takes ZIP as well.
    Raises StructureRefused, whose subclasses carry the stable codes. Memory stays within a few MiB; nested archives
    are unpacked to temporary files of together at most `limits.max_unpacked_bytes`.
    """
    stored_bytes = stream.seek(0, os.SEEK_END)
    if stored_bytes == 0:
        raise FileEmpty
    if stored_bytes != size_bytes:
        raise SizeMismatch(size_bytes, stored_bytes)
    file_type = expected_type(filename, content_type, kind=kind, allow_archives=allow_archives)
    limits = limits or limits_for(kind)
    if file_type in ARCHIVES:
        _inspect_archive(stream, stored_bytes, file_type, limits)
    elif file_type in TEXTS:
        _inspect_text(stream, stored_bytes, file_type, kind)
    else:
        _inspect_document(stream, stored_bytes, file_type, limits)
    stream.seek(0)
    return file_type


def _inspect_archive(stream: BinaryIO, size_bytes: int, file_type: FileType, limits: StructureLimits) -> None:
    head = magic.read_head(stream)
    if head.startswith(magic.OLE) and magic.contains(stream, _ENCRYPTED_PACKAGE):
        raise FileEncrypted
    if not head.startswith(magic.ZIP):
        raise _mismatch(file_type)
    content_types = look_inside(stream, size_bytes, limits)
    is_word, is_sheet = WORD_MAIN in content_types, SHEET_MAIN in content_types
    really = FileType.DOCX if is_word else FileType.XLSX if is_sheet else FileType.ZIP
    if really is not file_type:
        raise _mismatch(file_type)


def _inspect_document(stream: BinaryIO, size_bytes: int, file_type: FileType, limits: StructureLimits) -> None:
    is_so = magic.read_head(stream).startswith(_MAGIC[file_type])
    if not is_so or magic.ends_as_zip(magic.read_tail(stream, size_bytes)):
        raise _mismatch(file_type)
    with whole(stream, size_bytes) as content:
        if file_type is FileType.PDF:
            pdf_content.judge_pdf(content, Budget(limits))
            return
        judge = pictures.judge_png if file_type is FileType.PNG else pictures.judge_jpeg
        judge(content, limits.max_pixels)
    _refuse_second_pdf(stream)


def _inspect_text(stream: BinaryIO, size_bytes: int, file_type: FileType, kind: str) -> None:
    if not _begins_as(magic.read_head(stream), file_type) or magic.ends_as_zip(magic.read_tail(stream, size_bytes)):
        raise _mismatch(file_type)
    # A control character in one row of many must not refuse them all: the import refuses the row and says so.
    is_text = magic.is_mostly_text if kind == "import" else magic.is_plain_text
    if not is_text(stream):
        raise _mismatch(file_type)
    _refuse_second_pdf(stream)


def _begins_as(head: bytes, file_type: FileType) -> bool:
    if head.startswith((magic.PDF, magic.RTF, b"#!", b"%!PS", *magic.ZIP)) or magic.is_foreign_archive(head):
        return False
    start = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"<") and magic.is_for_browsers(start):
        return False
    return start.startswith((b"{", b"[")) or file_type not in OF_OBJECTS


def _refuse_second_pdf(stream: BinaryIO) -> None:
    stream.seek(0)
    if magic.hides_pdf(stream.read(2 * magic.PDF_WITHIN_BYTES)):
        raise HiddenContent("a PDF that begins behind other data")


def _mismatch(file_type: FileType) -> TypeMismatch:
    return TypeMismatch(f"the file is named and announced as {file_type.upper()}, but its content is something else")
