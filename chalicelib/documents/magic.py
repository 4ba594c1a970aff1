"""What a file is by its bytes, whatever its name says."""

from __future__ import annotations

import codecs
import re
from typing import IO

PDF = b"%PDF-"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
RTF = b"{\\rtf"
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
GZIP = b"\x1f\x8b"
# Archives of other makes: clamd may look into them, but we cannot count what comes out.
FOREIGN_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", GZIP, b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"MSCF")
PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    bytes.fromhex("4c0000000114020000000000"),
)
HEAD_BYTES = 512
CHUNK_BYTES = 64 * 1024

_EOCD = b"PK\x05\x06"
_EOCD_BYTES, _MAX_COMMENT_BYTES = 22, 65_535
_TAR_AT, _TAR = 257, b"ustar"
# Tab, line feed, vertical tab (Word's soft line break), form feed and carriage return are text; the rest is not.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CONTROL_BYTES = re.compile(rb"[\x01-\x08\x0e-\x1f\x7f]")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def is_foreign_archive(head: bytes) -> bool:
    """Whether these first bytes open an archive that is no ZIP: RAR, 7z, gzip, bzip2, xz, zstd, cab or tar."""
    return head.startswith(FOREIGN_ARCHIVES) or head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR


def ends_as_zip(tail: bytes) -> bool:
    """Whether the last bytes of a file close a ZIP archive, which makes anything before it a polyglot."""
    at = tail.rfind(_EOCD, -_EOCD_BYTES - _MAX_COMMENT_BYTES)
    while at >= 0:
        comment_bytes = int.from_bytes(tail[at + 20 : at + 22], "little")
        if at + _EOCD_BYTES + comment_bytes == len(tail):
            return True
        at = tail.rfind(_EOCD, 0, at)
    return False


def read_head(stream: IO[bytes]) -> bytes:
    """The first bytes of the stream, enough for every check here."""
    stream.seek(0)
    return stream.read(HEAD_BYTES)


def read_tail(stream: IO[bytes], size_bytes: int) -> bytes:
    """The last bytes of the stream, enough to find the end of a ZIP archive with the longest comment."""
    stream.seek(max(0, size_bytes - _EOCD_BYTES - _MAX_COMMENT_BYTES))
    return stream.read()


def contains(stream: IO[bytes], needle: bytes) -> bool:
    """Whether `needle` stands anywhere in the stream; memory stays at one chunk."""
    stream.seek(0)
    rest = b""
    while chunk := stream.read(CHUNK_BYTES):
        if needle in (window := rest + chunk):
            return True
        rest = window[-(len(needle) - 1) :]
    return False


def is_plain_text(stream: IO[bytes]) -> bool:
    """Whether the stream is text in UTF-8, UTF-16 with its mark, or Windows-1252, without control characters."""
    head = read_head(stream)
    marked = [codec for bom, codec in _BOMS.items() if head.startswith(bom)]
    return any(_decodes(stream, codec) for codec in marked or ("utf-8", "cp1252"))


def is_mostly_text(stream: IO[bytes]) -> bool:
    """Whether the stream begins as a text of any encoding, damaged or not: at most one control character in twenty.
    NULs count for nothing, since half of UTF-16 without its mark is NULs."""
    stream.seek(0)
    head = stream.read(CHUNK_BYTES)
    if head.startswith((OLE, PNG, JPEG, *PROGRAMS[1:])) or is_foreign_archive(head):
        return False
    # A column may be called MZ; a program's header has NULs right behind it.
    if head.startswith(PROGRAMS[0]) and b"\x00" in head[:64]:
        return False
    return 20 * len(_CONTROL_BYTES.findall(head)) <= len(head)


def _decodes(stream: IO[bytes], codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    stream.seek(0)
    try:
        while chunk := stream.read(CHUNK_BYTES):
            if _CONTROL.search(decoder.decode(chunk)):
                return False
        return _CONTROL.search(decoder.decode(b"", final=True)) is None
    except UnicodeDecodeError:
        return False
