"""The types of files that we take: by the name and the content type that a file was announced with, before its bytes
are looked at. Light, for whoever offers or stores a file; chalicelib/documents/structure.py looks inside."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePosixPath

from chalicelib.documents.refusals import MacrosNotAllowed, TypeMismatch, TypeNotAllowed


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
