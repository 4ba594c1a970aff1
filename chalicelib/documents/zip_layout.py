"""The map of a ZIP archive, believed only where all its parts agree.

A ZIP is described twice: by its central directory at the end and by a local header before each member. Readers differ
in which they follow, so a file whose two descriptions differ, or that holds bytes which neither describes, shows one
content to a scanner and another to a person. Such a file is refused. Layout of the records: APPNOTE.TXT 6.3.10.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from chalicelib.documents.limits import Budget
from chalicelib.documents.refusals import (
    ArchiveBadName,
    ArchiveDamaged,
    ArchiveEncrypted,
    ArchiveTooManyEntries,
    HiddenContent,
)
from chalicelib.documents.zip_end import FILE_MARKS, find_directory, read_exactly

STORED, DEFLATED = 0, 8
_WINZIP_AES = 99
_NEWEST_VERSION = 63
_DESCRIPTOR_MARK = b"PK\x07\x08"
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_EXTRA = struct.Struct("<2H")
_FULL32 = 0xFFFFFFFF
_FLAG_ENCRYPTED, _FLAG_DESCRIPTOR, _FLAG_STRONG, _FLAG_UTF8, _FLAG_MASKED = 1, 1 << 3, 1 << 6, 1 << 11, 1 << 13
_ZIP64_EXTRA, _UNICODE_PATH_EXTRA = 0x0001, 0x7075
_UNIX, _LINK, _KIND_OF_FILE = 3, 0o120000, 0o170000
_MAX_NAME_CHARACTERS = 1_000
# Controls, and what turns the direction of writing: "fdp.exe" would read "exe.pdf".
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: its name, how it is packed, and where its packed bytes lie."""

    name: str
    method: int
    crc32: int
    packed_bytes: int
    size_bytes: int
    header_at: int
    data_at: int


@dataclass(frozen=True, slots=True)
class _Central:
    raw_name: bytes
    name: str
    flags: int
    method: int
    crc32: int
    packed_bytes: int
    size_bytes: int
    header_at: int


def read_layout(stream: IO[bytes], size_bytes: int, budget: Budget) -> list[Entry]:
    """Every member of the archive, in the order of its bytes; no member was unpacked yet.

    Raises ArchiveDamaged, ArchiveEncrypted, ArchiveBadName or ArchiveTooManyEntries.
    """
    count, directory_at, directory_end = find_directory(stream, size_bytes)
    if directory_end - directory_at > budget.limits.max_directory_bytes:
        raise ArchiveTooManyEntries(budget.limits.max_entries)
    budget.spend_entries(count)
    directory = read_exactly(stream, directory_at, directory_end - directory_at)
    listed = sorted(_read_directory(directory, count), key=lambda central: central.header_at)
    if len({central.name for central in listed}) != len(listed):
        raise ArchiveDamaged("two of its parts have the same name")
    return _lay_out(stream, listed, directory_at)


def _read_directory(directory: bytes, count: int) -> list[_Central]:
    listed, at = [], 0
    for _ in range(count):
        central, at = _read_central(directory, at)
        listed.append(central)
    if at != len(directory):
        raise ArchiveDamaged("its list of contents is longer than it says")
    return listed


def _read_central(directory: bytes, at: int) -> tuple[_Central, int]:
    """The record at `at`, and where the next one starts."""
    if at + _CENTRAL.size > len(directory):
        raise ArchiveDamaged("its list of contents is cut off")
    (mark, made_by, version, flags, method, _, _, crc32, packed, size, name_length, extra_length, comment_length, disk,
     _, attributes, header_at) = _CENTRAL.unpack_from(directory, at)  # fmt: skip
    name_at = at + _CENTRAL.size
    extra_at = name_at + name_length
    end = extra_at + extra_length + comment_length
    if mark != b"PK\x01\x02" or disk or end > len(directory):
        raise ArchiveDamaged("its list of contents is cut off")
    extras = _read_extras(directory[extra_at : extra_at + extra_length])
    raw_name = directory[name_at:extra_at]
    if FILE_MARKS.search(directory, extra_at, end):
        raise HiddenContent("an archive stands beside the list of contents")
    size, packed, header_at = _widen((size, packed, header_at), extras)
    _refuse_packing(flags, method, version)
    if made_by >> 8 == _UNIX and (attributes >> 16) & _KIND_OF_FILE == _LINK:
        raise ArchiveBadName
    name = _safe_name(raw_name, flags, extras)
    return _Central(raw_name, name, flags, method, crc32, packed, size, header_at), end


def _read_extras(raw: bytes) -> dict[int, bytes]:
    """Extra fields by their id; a tail too short for a field is padding, as some writers leave it."""
    extras, at = {}, 0
    while at + _EXTRA.size <= len(raw):
        field, length = _EXTRA.unpack_from(raw, at)
        at += _EXTRA.size + length
        extras[field] = raw[at - length : at]
    return extras


def _widen(values: tuple[int, ...], extras: dict[int, bytes]) -> tuple[int, ...]:
    """The values, those too large for 32 bits taken from the ZIP64 extra field in their order."""
    wide, at, widened = extras.get(_ZIP64_EXTRA, b""), 0, []
    for value in values:
        if value == _FULL32:
            if at + 8 > len(wide):
                raise ArchiveDamaged("the size of a part is missing")
            value, at = int.from_bytes(wide[at : at + 8], "little"), at + 8  # noqa: PLW2901
        widened.append(value)
    return tuple(widened)


def _refuse_packing(flags: int, method: int, version: int) -> None:
    if flags & (_FLAG_ENCRYPTED | _FLAG_STRONG | _FLAG_MASKED) or method == _WINZIP_AES:
        raise ArchiveEncrypted
    # A version of the format that is not there yet stops other readers, though we could go on.
    if method not in (STORED, DEFLATED) or version & 0xFF > _NEWEST_VERSION:
        raise ArchiveDamaged("a part is packed in a way that we cannot unpack")


def _safe_name(raw: bytes, flags: int, extras: dict[int, bytes]) -> str:
    """The member's name; ArchiveBadName when it, or its second spelling in an extra field, leads elsewhere."""
    try:
        name = raw.decode("utf-8" if flags & _FLAG_UTF8 else "cp437")
        second = extras.get(_UNICODE_PATH_EXTRA, b"")[5:].decode("utf-8")
    except UnicodeDecodeError:
        raise ArchiveBadName from None
    if not name or any(_leads_elsewhere(spelling) for spelling in (name, second)):
        raise ArchiveBadName
    # The second spelling is there for letters that the first cannot write, not to make a program of a picture.
    if second and PurePosixPath(second).suffix != PurePosixPath(name).suffix:
        raise ArchiveBadName
    return name


def _leads_elsewhere(name: str) -> bool:
    path = unicodedata.normalize("NFKC", name).replace("\\", "/")
    return bool(
        len(name) > _MAX_NAME_CHARACTERS
        or path.startswith("/")
        or ".." in path.split("/")
        or _DRIVE.match(path)
        or _CONTROL.search(path)
    )


def _lay_out(stream: IO[bytes], listed: list[_Central], directory_at: int) -> list[Entry]:
    """Members that follow each other without gap or overlap, from the first byte to the central directory."""
    entries, at = [], 0
    for central, following in zip(listed, [*(later.header_at for later in listed[1:]), directory_at], strict=True):
        if central.header_at != at:
            raise ArchiveDamaged("something stands before or between its parts")
        data_at = _read_local(stream, central)
        _check_trailer(stream, central, data_at + central.packed_bytes, following)
        at = following
        entries.append(
            Entry(
                central.name,
                central.method,
                central.crc32,
                central.packed_bytes,
                central.size_bytes,
                central.header_at,
                data_at,
            )
        )
    return entries


def _check_trailer(stream: IO[bytes], central: _Central, end: int, following: int) -> None:
    """Between a member and what follows stands nothing, or the descriptor that its header speaks of."""
    length = following - end
    if not central.flags & _FLAG_DESCRIPTOR:
        fits = length == 0
    else:
        # A descriptor may carry a mark and may hold wide sizes; which of them it does is written nowhere.
        layouts = [
            mark + struct.pack(form, central.crc32, central.packed_bytes, central.size_bytes)
            for mark in (b"", _DESCRIPTOR_MARK)
            for form in ("<3L", "<L2Q")
            if max(central.packed_bytes, central.size_bytes) <= _FULL32 or form == "<L2Q"
        ]
        fits = length in map(len, layouts) and read_exactly(stream, end, length) in layouts
    if not fits:
        raise ArchiveDamaged("its parts overlap, or something stands between them")
    if central.name.endswith("/") and central.size_bytes:
        raise ArchiveDamaged("a folder in it holds data")


def _read_local(stream: IO[bytes], central: _Central) -> int:
    """Where the member's packed bytes start; ArchiveDamaged when its local header tells another story."""
    raw = read_exactly(stream, central.header_at, _LOCAL.size)
    mark, _, flags, method, _, _, crc32, packed, size, name_length, extra_length = _LOCAL.unpack(raw)
    variable = read_exactly(stream, central.header_at + _LOCAL.size, name_length + extra_length)
    if mark != b"PK\x03\x04" or variable[:name_length] != central.raw_name:
        raise ArchiveDamaged("its list of contents names other parts than it holds")
    if FILE_MARKS.search(variable, name_length) or b"%PDF-" in variable:
        raise HiddenContent("another file stands in the headers of the archive")
    told, listed = (flags, method), (central.flags, central.method)
    meaningful = _FLAG_ENCRYPTED | _FLAG_DESCRIPTOR
    if (told[0] ^ listed[0]) & meaningful or told[1] != listed[1]:
        raise ArchiveDamaged("its list of contents contradicts its parts")
    size, packed = _widen((size, packed), _read_extras(variable[name_length:]))
    # A writer that streams knows some values only afterwards, and leaves 0 for those.
    unknown = 0 if flags & _FLAG_DESCRIPTOR else None
    pairs = ((crc32, central.crc32), (packed, central.packed_bytes), (size, central.size_bytes))
    if any(local not in (true, unknown) for local, true in pairs):
        raise ArchiveDamaged("its list of contents contradicts its parts")
    return central.header_at + _LOCAL.size + len(variable)
