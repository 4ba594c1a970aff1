"""Small files that grow without end when they are unpacked."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator

from tests import samples as files
from tests.corpus import raw_pdf, raw_zip
from tests.corpus.raw_zip import Part
from tests.corpus.sample import EICAR, Sample, evasion, odd

FAMILY = "bombs"
MIB = 1024 * 1024


def samples() -> Iterator[Sample]:
    zeros = bytes(20 * MIB)
    document = files.docx_of(["Ada"])
    yield evasion(FAMILY, "ratio", "all.zip", files.zip_of({"a.txt": zeros}))
    yield evasion(FAMILY, "ratio, virus behind it", "all.zip", files.zip_of({"a.txt": zeros + EICAR}))
    yield evasion(FAMILY, "ratio, virus beside it", "all.zip", files.zip_of({"a.txt": zeros, "b.txt": EICAR}))
    yield evasion(FAMILY, "ratio, two deep", "all.zip", files.zip_of({"a.zip": files.zip_of({"a.txt": zeros})}))
    yield evasion(FAMILY, "total", "all.zip", files.zip_of({f"{n}.txt": _mixed(n) for n in range(20)}))
    yield evasion(FAMILY, "document", "cv.docx", files.zip_bomb_docx())
    yield evasion(FAMILY, "document that lies", "cv.docx", files.lying_docx())
    yield evasion(FAMILY, "crowd", "cv.docx", files.crowded_docx())
    yield evasion(FAMILY, "crowd in many archives", "all.zip", _crowd())
    yield evasion(
        FAMILY, "metafile", "cv.docx", files.with_member(document, "word/media/a.emz", gzip.compress(zeros, mtime=0))
    )
    yield evasion(FAMILY, "entities", "cv.docx", files.entity_docx())
    yield evasion(FAMILY, "size of 4 GiB", "all.zip", raw_zip.write(Part(size=2**32 - 2, local_size=2**32 - 2)))
    yield evasion(FAMILY, "one byte from many", "all.zip", raw_zip.write(Part(content=zeros, packed=_deflated(zeros))))
    objects = raw_pdf.stream(b"1 0 " + zeros, b"/Type/ObjStm/N 1/First 4", packed=True)
    yield evasion(FAMILY, "objects of a PDF", "cv.pdf", raw_pdf.write({**raw_pdf.page_of(), 6: objects}))
    yield evasion(FAMILY, "PNG of 10 gigapixels", "photo.png", giant_png(100_000, 100_000))
    yield evasion(
        FAMILY,
        "JPEG of 4 gigapixels",
        "photo.jpg",
        b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00\xff\xd9",
    )
    yield odd(FAMILY, "JSON of brackets", "people.json", b"[" * 100_000)
    yield odd(FAMILY, "JSON of objects", "people.json", b'{"a":' * 100_000)


def _mixed(seed: int) -> bytes:
    """Four MiB that pack forty times smaller."""
    block = zlib.crc32(bytes([seed])).to_bytes(4, "big") * 4096
    return b"".join(struct.pack("<L", number * 2654435761 % 2**32) + block[:180] for number in range(22_000))


def _crowd() -> bytes:
    inner = files.zip_of({f"{number}.txt": b"" for number in range(500)})
    return files.zip_of({f"{number}.zip": inner for number in range(5)})


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def giant_png(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    png = files.png()
    return png[:8] + struct.pack(">L", 13) + header + struct.pack(">L", zlib.crc32(header)) + png[33:]
