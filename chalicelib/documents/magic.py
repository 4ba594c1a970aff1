"""What a file is by its bytes, whatever its name says."""

from __future__ import annotations

import codecs
import mmap
import re
from typing import IO

Buffer = bytes | mmap.mmap
PDF = b"%PDF-"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
RTF = b"{\\rtf"
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
GZIP = b"\x1f\x8b"
# Archives of other makes: clamd may look into them, but we cannot count what comes out.
FOREIGN_ARCHIVES = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    GZIP,
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
    b"LZIP\x01",
    b"\x1f\x9d",
    b"\x60\xea",
    b"!<arch>\n",
    b"xar!",
    b"ITSF\x03\x00",
    b"MSWIM\x00\x00\x00",
    b"\x04\x22\x4d\x18",
    b"vhdxfile",
    b"conectix",
    b"QFI\xfb",
)
STRONG_ARCHIVES = tuple(mark for mark in FOREIGN_ARCHIVES if len(mark) >= 5)
"""Those whose mark no other content has by chance."""
PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    bytes.fromhex("4c0000000114020000000000"),
)
HEAD_BYTES = 512
DEEP_HEAD_BYTES = 0x9006
"""Enough to know the image of a disc, whose mark stands 36 KiB behind its start."""
PDF_WITHIN_BYTES = 1024
"""Readers of PDF look for its mark in so many bytes."""
CHUNK_BYTES = 64 * 1024

_EOCD = b"PK\x05\x06"
_EOCD_BYTES, _MAX_COMMENT_BYTES = 22, 65_535
TAIL_BYTES = _EOCD_BYTES + _MAX_COMMENT_BYTES
"""Enough to find the end of a ZIP archive with the longest comment."""
_MARKED_LATER = (
    (257, b"ustar"),
    *((2, b"-lh%d-" % level) for level in range(8)),
    (7, b"**ACE**"),
    (0x8001, b"CD001"),
    (0x8001, b"BEA01"),
    (0x8001, b"NSR0"),
    (0x8801, b"CD001"),
    (0x9001, b"CD001"),
)
_SCRIPT = re.compile(rb"<(?:html|script|body|iframe|svg)[\s>/]|<!doctype\s+html|<\?php\s|<hta:", re.IGNORECASE)
_SCRIPT_ANYWHERE = re.compile(rb"<script[\s>/]|<\?php\s|<html[\s>]|<!doctype\s+html", re.IGNORECASE)
_PE_AT = 0x3C
# Tab, line feed, vertical tab (Word's soft line break), form feed and carriage return are text; the rest is not.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CONTROL_BYTES = re.compile(rb"[\x01-\x08\x0e-\x1f\x7f]")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def is_foreign_archive(head: bytes) -> bool:
    """Whether these first bytes open an archive that is no ZIP: RAR, 7z, gzip, cab, tar, the image of a disc..."""
    return head.startswith(FOREIGN_ARCHIVES) or any(head.startswith(mark, at) for at, mark in _MARKED_LATER)


def is_program(head: bytes) -> bool:
    """Whether these first bytes open a program. A text may begin with MZ; a program's header has NULs behind it."""
    if head.startswith(PROGRAMS[0]):
        return b"\x00" in head[: _PE_AT + 4]
    return head.startswith(PROGRAMS[1:])


def is_portable_executable(head: bytes) -> bool:
    """Whether the header of a program for Windows is whole, as far as these bytes go."""
    at = int.from_bytes(head[_PE_AT : _PE_AT + 4], "little")
    return head.startswith(PROGRAMS[0]) and head[at : at + 2] in (b"PE", b"NE", b"LE")


def is_for_browsers(content: bytes) -> bool:
    """Whether a browser or web server that guesses would find something to run in these bytes, UTF-16 included."""
    return _SCRIPT.search(content.replace(b"\x00", b"")) is not None


def holds_script(content: Buffer) -> bool:
    """Whether a page or script stands anywhere in these bytes, whatever they are otherwise."""
    return _SCRIPT_ANYWHERE.search(content) is not None


def hides_pdf(head: bytes) -> bool:
    """Whether a reader of PDF would take a file for one that does not begin as one."""
    return PDF in head[1 : PDF_WITHIN_BYTES + len(PDF)]


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
    """The last TAIL_BYTES of the stream."""
    stream.seek(max(0, size_bytes - TAIL_BYTES))
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
    if head.startswith((OLE, PNG, JPEG)) or is_program(head) or is_foreign_archive(head):
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
