"""Archives that contradict themselves, so that two readers see two contents; and what we cannot look into."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

from tests import samples as files
from tests.corpus import raw_zip
from tests.corpus.raw_zip import Part
from tests.corpus.sample import EICAR, Sample, evasion, odd

FAMILY = "contradictory archives"
UNIX = 3 << 8
STORED = Part(method=0)


def samples() -> Iterator[Sample]:
    for name, content in {**contradictions(), **unreadable(), **wide()}.items():
        yield evasion(FAMILY, name, "all.zip", content)
        yield evasion(FAMILY, f"{name}, in a ZIP", "all.zip", files.zip_of({"inner.zip": content}))
    yield odd(FAMILY, "no members", "all.zip", raw_zip.write())
    yield from truncated()


def contradictions() -> dict[str, bytes]:
    good, bad = Part(name=b"good.txt"), Part(name=b"bad.txt", content=EICAR)
    hidden = _deflated(EICAR)
    crc32 = zlib.crc32(b"x")
    return {
        "two names": raw_zip.write(Part(local_name=b"xx.txt")),
        "two sizes": raw_zip.write(Part(local_size=3)),
        "wrong checksum": raw_zip.write(Part(crc32=1)),
        "smaller than it says": raw_zip.write(Part(size=5000)),
        "larger than it says": raw_zip.write(Part(size=3)),
        "one name twice": raw_zip.write(good, replace(bad, name=b"good.txt")),
        "overlapping": raw_zip.write(*raw_zip.twice(Part())),
        "more members than listed": raw_zip.write(good, bad, here=1, count=1),
        "fewer members than listed": raw_zip.write(good, here=2, count=2),
        "list of contents elsewhere": raw_zip.write(good, start=3),
        "list of contents too short": raw_zip.write(good, length=20),
        "on a second disk": raw_zip.write(good, disk=1),
        "a gap between members": raw_zip.write(good, replace(STORED, trailer=EICAR), bad),
        "bytes behind a packed member": raw_zip.write(Part(packed=_deflated(b"Ada Lovelace") + hidden)),
        "a folder with content": raw_zip.write(Part(name=b"folder/", content=EICAR)),
        "a false descriptor": raw_zip.write(Part(flags=8, trailer=struct.pack("<3L", crc32, 1, 1))),
        "a descriptor of 24 free bytes": raw_zip.write(Part(flags=8, trailer=EICAR[:24])),
        "a second spelling that is a program": raw_zip.write(Part(extra=_spelling(b"cv.exe"))),
        "a second spelling that leads out": raw_zip.write(Part(extra=_spelling(b"../cv.txt"))),
    }


def unreadable() -> dict[str, bytes]:
    packed = {
        f"method {method}": raw_zip.write(Part(method=method, packed=bytes(range(40))))
        for method in (1, 2, 6, 9, 10, 12, 14, 19, 93, 95, 96, 97, 98)
    }
    return {
        **packed,
        "a version to come": raw_zip.write(Part(version=148)),
        "password": raw_zip.write(Part(flags=1)),
        "strong password": raw_zip.write(Part(flags=0x41)),
        "masked headers": raw_zip.write(Part(flags=0x2000)),
        "AES": raw_zip.write(Part(method=99, flags=1)),
        "AES without a flag": raw_zip.write(Part(method=99)),
        "link": raw_zip.write(Part(made_by=UNIX, attributes=0o120777 << 16, content=b"/etc/passwd")),
    }


def wide() -> dict[str, bytes]:
    """Archives whose end is told twice, in narrow numbers and in wide ones."""
    lie = _wide_end(count=1, length=60, start=0)
    return {
        "a wide end in a comment": raw_zip.write(Part(content=EICAR, comment=lie)),
        "a wide end of elsewhere": raw_zip.write(Part(comment=_wide_end(count=0, length=0, start=0))),
    }


def _wide_end(*, count: int, length: int, start: int) -> bytes:
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
    return end + struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)


def _spelling(name: bytes) -> bytes:
    content = b"\x01" + struct.pack("<L", zlib.crc32(b"cv.txt")) + name
    return struct.pack("<2H", 0x7075, len(content)) + content


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def truncated() -> Iterator[Sample]:
    """Containers with the test virus, cut off at ten places."""
    for filename, content in (("all.zip", files.eicar_zip()), ("cv.docx", files.eicar_docx())):
        for tenth in range(1, 10):
            cut = content[: len(content) * tenth // 10]
            yield evasion("cut off", f"{filename} at {tenth}/10", filename, cut)
