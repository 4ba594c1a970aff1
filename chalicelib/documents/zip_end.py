"""The end of a ZIP archive, which says where the list of its members is: once in narrow numbers, once in wide ones."""

from __future__ import annotations

import re
import struct
from typing import IO

from chalicelib.documents.refusals import ArchiveDamaged, HiddenContent

_END = struct.Struct("<4s4H2LH")
_LOCATOR64_MARK = b"PK\x06\x07"
_LOCATOR64 = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
FILE_MARKS = re.compile(rb"PK\x03\x04|PK\x05\x06|PK\x06\x06|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\xfd7zXZ\x00")
"""What opens or closes an archive, and has no place in comments and extra fields of another."""


def find_directory(stream: IO[bytes], size_bytes: int) -> tuple[int, int, int]:
    """How many members the central directory lists, where it starts and where it ends."""
    tail_at = max(0, size_bytes - _END.size - _FULL16)
    tail = read_exactly(stream, tail_at, size_bytes - tail_at)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise ArchiveDamaged("its end is missing")
    _, disk, directory_disk, here, count, length, start, comment = _END.unpack_from(tail, at)
    if FILE_MARKS.search(tail, at + _END.size):
        raise HiddenContent("an archive stands in the comment of another")
    if at + _END.size + comment != len(tail):
        raise ArchiveDamaged("something follows after its end")
    end = tail_at + at
    told = here, count, length, start
    # Some readers follow the wide record whenever there is one, others only when a narrow value says so.
    has_wide = end >= _LOCATOR64.size and read_exactly(stream, end - _LOCATOR64.size, 4) == _LOCATOR64_MARK
    if has_wide or _FULL16 in (here, count) or _FULL32 in (length, start):
        here, count, length, start, end = _find_directory64(stream, end)
        if any(
            narrow not in (wide, _FULL16, _FULL32)
            for narrow, wide in zip(told, (here, count, length, start), strict=True)
        ):
            raise ArchiveDamaged("its end tells two stories")
    if count == 0:
        raise ArchiveDamaged("there is nothing in it")
    if disk or directory_disk or here != count:
        raise ArchiveDamaged("parts of it are missing")
    if start + length != end:
        raise ArchiveDamaged("something stands before or after it that does not belong to it")
    return count, start, end


def _find_directory64(stream: IO[bytes], end_at: int) -> tuple[int, int, int, int, int]:
    locator_at = end_at - _LOCATOR64.size
    mark, _, end64_at, disks = _LOCATOR64.unpack(read_exactly(stream, locator_at, _LOCATOR64.size))
    if mark != _LOCATOR64_MARK or disks != 1 or end64_at + _END64.size != locator_at:
        raise ArchiveDamaged("its end is missing")
    mark, _, _, _, disk, directory_disk, here, count, length, start = _END64.unpack(
        read_exactly(stream, end64_at, _END64.size)
    )
    if mark != b"PK\x06\x06" or disk or directory_disk:
        raise ArchiveDamaged("its end is missing")
    return here, count, length, start, end64_at


def read_exactly(stream: IO[bytes], at: int, length: int) -> bytes:
    """The bytes at a place of the archive; ArchiveDamaged when there are not as many."""
    if at < 0:
        raise ArchiveDamaged("it is cut off")
    stream.seek(at)
    read = stream.read(length)
    if len(read) != length:
        raise ArchiveDamaged("it is cut off")
    return read
