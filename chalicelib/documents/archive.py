"""Walks an archive member by member, within limits that the archive cannot talk its way around.

Members are unpacked in chunks and counted as they come out; the sizes in the headers are a claim to be checked, never a
promise. An archive within the archive is unpacked to a temporary file, all of which counts towards the same limits.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO

from chalicelib.documents import magic
from chalicelib.documents.limits import Budget
from chalicelib.documents.refusals import ArchiveDamaged, ArchiveTooDeep
from chalicelib.documents.zip_layout import STORED, Entry, read_layout

KEPT_IN_MEMORY_BYTES = 1024 * 1024
_RAW_DEFLATE, _GZIP_HEADER = -zlib.MAX_WBITS, zlib.MAX_WBITS | 16

Keep = Callable[[str, bytes], bool]


@dataclass(frozen=True, slots=True)
class Member:
    """One unpacked member. `content` is there when it was asked for, and closes before the next member comes."""

    name: str
    head: bytes
    size_bytes: int
    content: IO[bytes] | None

    @property
    def is_archive(self) -> bool:
        return self.head.startswith(magic.ZIP)


def read_members(stream: IO[bytes], size_bytes: int, budget: Budget, *, depth: int) -> list[Entry]:
    """What the archive says it holds, nothing unpacked yet; refused at once when even that is over a limit.

    Raises ArchiveTooDeep when `depth` (the upload itself is 1) is over the limit, else what the layout and the budget
    raise.
    """
    if depth > budget.limits.max_depth:
        raise ArchiveTooDeep(budget.limits.max_depth)
    entries = read_layout(stream, size_bytes, budget)
    budget.foresee_bytes(sum(entry.size_bytes for entry in entries))
    return entries


def unpack(stream: IO[bytes], entries: list[Entry], budget: Budget, *, keep: Keep) -> Iterator[Member]:
    """Every member in turn, its checksum and size verified; `keep(name, head)` says whose content to hand out.

    The content of archives is always kept. Raises ArchiveDamaged, ArchiveTooBig or ArchiveRatio.
    """
    for entry in entries:
        with tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY_BYTES) as spool:
            yield _unpack_member(stream, entry, budget, keep, spool)


def gunzip_within(stream: IO[bytes], budget: Budget) -> None:
    """Count what a gzip stream unpacks to; ArchiveDamaged when it is not one whole gzip stream and nothing else."""
    inflated = packed = 0
    stream.seek(0)
    inflate = zlib.decompressobj(_GZIP_HEADER)
    for chunk in iter(lambda: stream.read(magic.CHUNK_BYTES), b""):
        packed += len(chunk)
        for piece in _inflate(inflate, chunk):
            inflated += len(piece)
            budget.spend_bytes(len(piece), member_bytes=inflated, packed_bytes=packed)
    if not inflate.eof:
        raise ArchiveDamaged("a picture in it is cut off")


def _unpack_member(stream: IO[bytes], entry: Entry, budget: Budget, keep: Keep, spool: IO[bytes]) -> Member:
    pieces = _pieces(stream, entry, budget)
    start = _start(pieces)
    head, tail, crc32, size = start[: magic.DEEP_HEAD_BYTES], b"", 0, 0
    kept = head.startswith(magic.ZIP) or keep(entry.name, head)
    for piece in chain([start], pieces):
        if kept:
            spool.write(piece)
        size, crc32, tail = size + len(piece), zlib.crc32(piece, crc32), (tail + piece)[-magic.TAIL_BYTES :]
    if (size, crc32) != (entry.size_bytes, entry.crc32):
        raise ArchiveDamaged("a part is not what its list of contents says")
    if magic.ends_as_zip(tail) and not head.startswith(magic.ZIP):
        raise ArchiveDamaged("a part hides an archive behind other data")
    spool.seek(0)
    return Member(entry.name, head, size, spool if kept else None)


def _start(pieces: Iterator[bytes]) -> bytes:
    """Enough of the first pieces to know what a member is: a packer is free to make them one byte each."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= magic.DEEP_HEAD_BYTES:
            break
    return start


def _pieces(stream: IO[bytes], entry: Entry, budget: Budget) -> Iterator[bytes]:
    """The member's bytes in pieces of at most one chunk, each already counted."""
    inflate = None if entry.method == STORED else zlib.decompressobj(_RAW_DEFLATE)
    size = packed = 0
    while packed < entry.packed_bytes:
        stream.seek(entry.data_at + packed)
        chunk = stream.read(min(magic.CHUNK_BYTES, entry.packed_bytes - packed))
        packed += len(chunk)
        for piece in [chunk] if inflate is None else _inflate(inflate, chunk):
            size += len(piece)
            budget.spend_bytes(len(piece), member_bytes=size, packed_bytes=packed)
            yield piece
    if inflate is not None and not inflate.eof:
        raise ArchiveDamaged("a part is cut off")


def _inflate(inflate: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    """What `chunk` unpacks to, never more than one chunk's worth at a time."""
    if inflate.eof:
        raise ArchiveDamaged("a part is longer than its content")
    waiting = chunk
    try:
        while not inflate.eof:
            piece = inflate.decompress(waiting, magic.CHUNK_BYTES)
            if not piece:
                break
            yield piece
            waiting = inflate.unconsumed_tail
    except zlib.error:
        raise ArchiveDamaged("a part cannot be unpacked") from None
    if inflate.unused_data:
        raise ArchiveDamaged("a part is longer than its content")
