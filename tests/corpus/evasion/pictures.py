"""Pictures that are something else to another program."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests import samples as files
from tests.corpus.evasion.eicar_documents import jpeg_with
from tests.corpus.raw_pdf import page_of, write
from tests.corpus.sample import Sample, evasion, odd

FAMILY = "pictures with a second face"
SCRIPTS = {
    "PHP": b"<?php system($_GET['c']); ?>",
    "page": b"<html><body onload=alert(1)>",
    "script": b"<SCRIPT>alert(1)</SCRIPT>",
}


def samples() -> Iterator[Sample]:
    png, jpeg = files.png(), jpeg_with(0xFE, b"note")
    for name, script in SCRIPTS.items():
        yield evasion(FAMILY, f"PNG, {name} behind the end", "photo.png", png + script)
        yield evasion(FAMILY, f"PNG, {name} in a note", "photo.png", png_with(b"tEXt", b"Comment\0" + script))
        yield evasion(FAMILY, f"JPEG, {name} behind the end", "photo.jpg", jpeg + script)
        yield evasion(FAMILY, f"JPEG, {name} in a note", "photo.jpg", jpeg_with(0xFE, script))
        yield evasion(FAMILY, f"JPEG, {name} in a profile", "photo.jpg", jpeg_with(0xE1, b"Exif\0\0" + script))
        yield evasion(FAMILY, f"{name} as PNG", "photo.png", script)
        yield evasion(FAMILY, f"{name} as JPEG", "photo.jpg", script)
        yield evasion(FAMILY, f"{name} in a PNG in a ZIP", "all.zip", files.zip_of({"photo.png": png + script}))
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield evasion(FAMILY, "SVG as PNG", "photo.png", svg)
    yield evasion(FAMILY, "named .svg", "photo.svg", svg)
    java = files.zip_of({"META-INF/MANIFEST.MF": b"Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"})
    for name, tail in (
        ("Java archive", java),
        ("PDF", write(page_of())),
        ("RAR", b"Rar!\x1a\x07\x01\x00x"),
        ("ELF", b"\x7fELF\x02"),
    ):
        yield evasion(FAMILY, f"PNG, {name} behind the end", "photo.png", png + tail)
        yield evasion(FAMILY, f"JPEG, {name} behind the end", "photo.jpg", jpeg + tail)
    yield evasion(FAMILY, "JPEG with a PDF in a note", "photo.jpg", jpeg_with(0xFE, write(page_of())))
    yield evasion(
        FAMILY, "PNG with a PDF in a note", "photo.png", png_with(b"tEXt", b"Comment\0" + write(page_of()), first=True)
    )
    yield evasion(FAMILY, "PNG without header", "photo.png", png[:8] + png[33:])
    yield evasion(FAMILY, "PNG without end", "photo.png", png[:-12])
    yield odd(FAMILY, "PNG, zero wide", "photo.png", png[:16] + bytes(4) + png[20:])
    for tenth in range(1, 10):
        yield odd("cut off", f"PNG at {tenth}/10", "photo.png", png[: len(png) * tenth // 10])
        yield odd("cut off", f"JPEG at {tenth}/10", "photo.jpg", jpeg[: len(jpeg) * tenth // 10])


def png_with(kind: bytes, content: bytes, *, first: bool = False) -> bytes:
    png = files.png()
    chunk = struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))
    at = 33 if first else len(png) - 12
    return png[:at] + chunk + png[at:]
