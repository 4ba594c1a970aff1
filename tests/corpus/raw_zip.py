"""ZIP archives record by record, for what no library would write."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Part:
    """A member as its two headers describe it; what is None follows from the content."""

    name: bytes = b"cv.txt"
    content: bytes = b"Ada Lovelace"
    method: int = 8
    packed: bytes | None = None
    flags: int = 0
    local_name: bytes | None = None
    local_size: int | None = None
    size: int | None = None
    crc32: int | None = None
    extra: bytes = b""
    comment: bytes = b""
    made_by: int = 20
    attributes: int = 0
    trailer: bytes = b""
    header_at: int | None = None
    version: int = 20


def write(*parts: Part, comment: bytes = b"", prefix: bytes = b"", before_directory: bytes = b"", **end: int) -> bytes:
    """The archive; `end` overwrites fields of its end: disk, here, count, length, start."""
    body, directory = bytearray(prefix), bytearray()
    for part in parts:
        packed = _packed(part)
        size = len(part.content) if part.size is None else part.size
        crc32 = zlib.crc32(part.content) if part.crc32 is None else part.crc32
        at = len(body) if part.header_at is None else part.header_at
        name = part.name if part.local_name is None else part.local_name
        local_size = size if part.local_size is None else part.local_size
        if part.header_at is None:
            body += struct.pack(
                "<4s5H3L2H", b"PK\3\4", 20, part.flags, part.method, 0, 33, crc32, len(packed), local_size, len(name), 0
            )
            body += name + packed + part.trailer
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", part.made_by, part.version, part.flags, part.method, 0, 33, crc32, len(packed),
            size, len(part.name), len(part.extra), len(part.comment), 0, 0, part.attributes, at,
        )  # fmt: skip
        directory += part.name + part.extra + part.comment
    body += before_directory
    told = {"disk": 0, "here": len(parts), "count": len(parts), "length": len(directory), "start": len(body), **end}
    tail = struct.pack("<4s4H2LH", b"PK\5\6", told["disk"], 0, *list(told.values())[1:5], len(comment))
    return bytes(body + directory + tail + comment)


def _packed(part: Part) -> bytes:
    if part.packed is not None:
        return part.packed
    if part.method != 8:
        return part.content
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(part.content) + packer.flush()


def twice(part: Part) -> tuple[Part, Part]:
    """A member, and a second one that claims the same bytes."""
    return part, replace(part, name=b"2" + part.name, header_at=0)
