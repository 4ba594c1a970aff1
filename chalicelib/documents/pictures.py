"""The rules for pictures: one picture from the first byte to the last, and small enough to be shown.

What lies packed in the pixels themselves is out of every scanner's reach, and out of every reader's too.
"""

from __future__ import annotations

import re
import struct

from chalicelib.documents import magic
from chalicelib.documents.magic import Buffer
from chalicelib.documents.refusals import HiddenContent, PictureTooBig, TypeMismatch

_BLANK_RUN = re.compile(rb"[\x00\t\n\r ]*+")
_MAX_CHUNKS = 100_000
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_ARCHIVE_MARKS = re.compile(rb"PK\x03\x04|PK\x05\x06|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\xfd7zXZ\x00|%PDF-|\x7fELF")
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def judge_png(content: Buffer, max_pixels: int) -> None:
    """TypeMismatch, PictureTooBig or HiddenContent unless this is one PNG and nothing else."""
    at, kind = len(magic.PNG), b""
    for number in range(_MAX_CHUNKS):
        if at + 8 > len(content):
            raise TypeMismatch("the picture is cut off; save it anew and upload it once more")
        length, kind = struct.unpack_from(">L4s", content, at)
        if number == 0:
            _judge_header(content, at, length, kind, max_pixels)
        if kind == b"zTXt" or (kind == b"iTXt" and _is_packed(content[at + 8 : at + 8 + min(length, 90)])):
            raise HiddenContent("packed notes within the picture")
        at += length + 12
        if kind == b"IEND":
            break
    if kind != b"IEND":
        raise TypeMismatch("the picture has no end; save it anew and upload it once more")
    _refuse_behind(content, at, any_rest=True)
    if magic.holds_script(content):
        raise HiddenContent("a script within the picture")


def judge_jpeg(content: Buffer, max_pixels: int) -> None:
    """TypeMismatch, PictureTooBig or HiddenContent unless this is a JPEG without another file in it.

    Cameras write previews and films behind the picture; what is refused there are archives, documents and programs.
    """
    at = 2
    while (marker := _marker_at(content, at)) != _END:
        at += 2
        if marker in _WITHOUT_LENGTH:
            continue
        length = int.from_bytes(content[at : at + 2], "big")
        if length < 2 or at + length > len(content):
            raise TypeMismatch("the picture is cut off; save it anew and upload it once more")
        if marker in _FRAMES:
            height, width = struct.unpack(">2H", content[at + 3 : at + 7].ljust(4, b"\x00"))
            _refuse_giant(width, height, max_pixels)
        at += length
        if marker == _SCAN:
            found = _NEXT_MARKER.search(content, at)
            if found is None:
                break  # cut off within its lines: a reader shows what there is
            at = found.start()
    else:
        _refuse_behind(content, at + 2, any_rest=False)
    if magic.holds_script(content):
        raise HiddenContent("a script within the picture")


def _marker_at(content: Buffer, at: int) -> int:
    while content[at : at + 2] == b"\xff\xff":  # markers may be padded
        at += 1
    marker = content[at : at + 2]
    if len(marker) < 2 or marker[0] != 0xFF:
        raise TypeMismatch("the picture is damaged; save it anew and upload it once more")
    return marker[1]


def _judge_header(content: Buffer, at: int, length: int, kind: bytes, max_pixels: int) -> None:
    if (length, kind) != (13, b"IHDR") or at + 21 > len(content):
        raise TypeMismatch("the picture has no header; save it anew and upload it once more")
    width, height = struct.unpack_from(">2L", content, at + 8)
    _refuse_giant(width, height, max_pixels)


def _refuse_giant(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise PictureTooBig(max_pixels)


def _is_packed(note: bytes) -> bool:
    """Whether an iTXt chunk says after its keyword (at most 79 bytes and a NUL) that its text is packed."""
    _, _, rest = note.partition(b"\x00")
    return rest[:1] == b"\x01"


def _refuse_behind(content: Buffer, end: int, *, any_rest: bool) -> None:
    """HiddenContent for what stands behind a picture's end: anything but blanks, or what is a file by itself."""
    match = _BLANK_RUN.match(content, end)
    at = match.end() if match else end
    rest = content[at : at + magic.DEEP_HEAD_BYTES]
    if not rest:
        return
    is_file = magic.is_program(rest) or magic.is_foreign_archive(rest) or _ARCHIVE_MARKS.search(content, at)
    if any_rest or is_file or rest.startswith(magic.OLE):
        raise HiddenContent("something stands behind the end of the picture")
