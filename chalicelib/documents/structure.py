"""The gate that looks at an upload before ClamAV does.

clamd skips what exceeds its own limits and then answers OK, so whatever it would skip is refused here: bombs, deep
nesting, passwords, archives that read two ways. The gate judges how a file is built, never what it says.

A PDF is the exception: whether its /Encrypt asks a reader for a password, or only forbids printing as many honest
résumés do, takes the ciphers of the format to know. clamd knows them and reports the former alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO

from chalicelib.documents import magic, pdf_content, pictures
from chalicelib.documents.limits import Budget, StructureLimits, limits_for
from chalicelib.documents.ooxml import SHEET_MAIN, WORD_MAIN
from chalicelib.documents.packages import look_inside
from chalicelib.documents.refusals import (
    FileEmpty,
    FileEncrypted,
    HiddenContent,
    MacrosNotAllowed,
    SizeMismatch,
    StructureRefused,
    TypeMismatch,
    TypeNotAllowed,
)
from chalicelib.documents.whole import whole

__all__ = ["ALLOWED", "FileType", "StructureLimits", "StructureRefused", "inspect"]


class FileType(StrEnum):
    """The sorts of files that we take."""

    PDF = "pdf"
    DOCX = "docx"
    TXT = "txt"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"
    ZIP = "zip"
    PNG = "png"
    JPEG = "jpeg"


READABLE = frozenset({FileType.PDF, FileType.DOCX, FileType.TXT})
ALLOWED: Mapping[str, frozenset[FileType]] = {
    "resume": READABLE,
    "cover_letter": READABLE,
    "position_description": READABLE,
    "import": frozenset({FileType.CSV, FileType.XLSX, FileType.JSON, FileType.JSONL}),
    "other": READABLE | {FileType.PNG, FileType.JPEG, FileType.ZIP},
}

EXTENSIONS = {
    ".pdf": FileType.PDF,
    ".docx": FileType.DOCX,
    ".txt": FileType.TXT,
    ".csv": FileType.CSV,
    ".xlsx": FileType.XLSX,
    ".json": FileType.JSON,
    ".jsonl": FileType.JSONL,
    ".ndjson": FileType.JSONL,
    ".zip": FileType.ZIP,
    ".png": FileType.PNG,
    ".jpg": FileType.JPEG,
    ".jpeg": FileType.JPEG,
}
MACRO_EXTENSIONS = frozenset({".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".pptm"})
# With Excel installed, browsers on Windows announce a .csv as Excel's and a .zip by its older name.
CONTENT_TYPES: Mapping[FileType, frozenset[str]] = {
    FileType.PDF: frozenset({"application/pdf"}),
    FileType.DOCX: frozenset({"application/vnd.openxmlformats-officedocument.wordprocessingml.document"}),
    FileType.TXT: frozenset({"text/plain"}),
    FileType.CSV: frozenset({"text/csv", "application/csv", "text/plain", "application/vnd.ms-excel"}),
    FileType.XLSX: frozenset({"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
    FileType.JSON: frozenset({"application/json", "text/json"}),
    FileType.JSONL: frozenset(
        {"application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/json", "text/plain"}
    ),
    FileType.ZIP: frozenset({"application/zip", "application/x-zip-compressed"}),
    FileType.PNG: frozenset({"image/png"}),
    FileType.JPEG: frozenset({"image/jpeg"}),
}
ARCHIVES = frozenset({FileType.DOCX, FileType.XLSX, FileType.ZIP})
TEXTS = frozenset({FileType.TXT, FileType.CSV, FileType.JSON, FileType.JSONL})
OF_OBJECTS = frozenset({FileType.JSON, FileType.JSONL})
_MAGIC = {FileType.PDF: magic.PDF, FileType.PNG: magic.PNG, FileType.JPEG: magic.JPEG}
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def expected_type(filename: str, content_type: str, *, kind: str, allow_archives: bool = False) -> FileType:
    """The type that name and declared content type agree on, for a document of this kind.

    Needs no content, so an upload can be refused before it is made. Raises TypeNotAllowed, TypeMismatch, or
    MacrosNotAllowed for the extensions of Office files with macros.
    """
    extension = PurePosixPath(filename).suffix.lower()
    if extension in MACRO_EXTENSIONS:
        raise MacrosNotAllowed
    allowed = ALLOWED.get(kind, frozenset()) | (frozenset({FileType.ZIP}) if allow_archives else frozenset())
    by_name = EXTENSIONS.get(extension)
    if by_name is None or by_name not in allowed:
        names = ", ".join(sorted(file_type.upper() for file_type in allowed)) or "nothing"
        raise TypeNotAllowed(f"{extension or 'a file without an extension'} is not accepted here; accepted: {names}")
    if content_type.split(";")[0].strip().lower() not in CONTENT_TYPES[by_name]:
        raise TypeMismatch(f"the file is named {extension} but was announced as something else")
    return by_name


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
