"""The gate in front of a DOCX: a ZIP archive that is whole, honest about its sizes, and small enough to unpack."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from chalicelib.resumes.errors import FileDamaged, FileEncrypted, FileTooComplex, TypeMismatch, TypeNotSupported

MAX_ENTRIES = 2000
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 1024 * 1024
CHUNK_BYTES = 256 * 1024
ENCRYPTED_BIT = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the two that Word itself writes and opens
DOCUMENT_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_TYPE = b"application/vnd.ms-word.document.macroEnabled"
XML_NAMES = (".xml", ".rels")
DECLARATION = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)", re.IGNORECASE)


def check(content: bytes) -> None:
    """Pass a DOCX that can be unpacked within our bounds and whose XML declares no entities.

    Raises FileDamaged, FileEncrypted, FileTooComplex, and TypeMismatch or TypeNotSupported for another kind of archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_directory(entries)
            _check_members(archive, entries)
            _check_is_word(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError, OSError):
        raise FileDamaged("it is no whole Word document") from None


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FileTooComplex(f"it holds {len(entries)} parts, more than {MAX_ENTRIES}")
    names = {entry.filename for entry in entries}
    if len(names) != len(entries):
        raise FileDamaged("it holds two parts of the same name")
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        raise FileDamaged("it holds a part whose name leads out of it")
    if any(entry.flag_bits & ENCRYPTED_BIT for entry in entries):
        raise FileEncrypted()
    if any(entry.compress_type not in METHODS for entry in entries):
        raise FileDamaged("it is packed in a way that Word does not know")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise FileTooComplex("it unpacks to far more than a document needs")


def _check_members(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Unpack everything once, in small chunks, counting: a size in the directory is only what the sender says."""
    unpacked = 0
    for entry in entries:
        size = _check_member(archive, entry, MAX_UNPACKED_BYTES - unpacked)
        unpacked += size
        if size > RATIO_COUNTS_FROM_BYTES and size > MAX_RATIO * max(entry.compress_size, 1):
            raise FileTooComplex("a part of it unpacks to more than 200 times its size")


def _check_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left_bytes: int) -> int:
    is_xml, size, tail = entry.filename.lower().endswith(XML_NAMES), 0, b""
    with archive.open(entry) as member:
        while chunk := member.read(CHUNK_BYTES):
            size += len(chunk)
            if size > left_bytes:
                raise FileTooComplex("it unpacks to far more than a document needs")
            if is_xml and DECLARATION.search(tail + chunk):
                raise FileTooComplex("its XML declares entities, which no Word document does")
            tail = chunk[-32:]
    return size


def _check_is_word(archive: zipfile.ZipFile) -> None:
    types = archive.read("[Content_Types].xml")
    if MACRO_TYPE in types:
        raise TypeNotSupported("a Word document with macros")
    if DOCUMENT_TYPE not in types:
        raise TypeMismatch("docx", "another kind of archive")
