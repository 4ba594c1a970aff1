"""How a file's bytes become text."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import BinaryIO

CHUNK_BYTES = 1024 * 1024
_SAMPLE_BYTES = 4096
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name, and how many bytes of byte order mark stand before the text."""

    name: str
    mark_bytes: int = 0

    @property
    def has_bom(self) -> bool:
        return self.mark_bytes > 0


def detect_encoding(stream: BinaryIO) -> Encoding:
    """The encoding of the whole stream (read once in 1 MiB pieces unless a mark says it at once).

    UTF-8 unless its first faulty byte comes before its first proper special character: then it is Windows-1252. A
    stray byte in a file that is otherwise UTF-8 so damages one cell and not every name in it.
    """
    stream.seek(0)
    sample = stream.read(_SAMPLE_BYTES)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, len(mark))
    if unmarked := _unmarked_utf16(sample):
        return Encoding(unmarked)
    return Encoding("utf-8" if _reads_as_utf8(stream) else "cp1252")


def _unmarked_utf16(sample: bytes) -> str | None:
    """UTF-16 without a mark shows as a zero in nearly every other byte."""
    half = len(sample) // 2
    if half < 4:
        return None
    for name, zeros, letters in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if zeros.count(0) > 0.9 * half and letters.count(0) < 0.1 * half:
            return name
    return None


def _reads_as_utf8(stream: BinaryIO) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(CHUNK_BYTES):
            if not decoder.decode(chunk).isascii():
                return True
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        return not fault.object[: fault.start].isascii()
    return True
