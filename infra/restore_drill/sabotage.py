"""Faults that a drill can be given, to see that it catches them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from infra.restore_drill.cluster import Places

SEGMENT_BYTES = 16 * 1024 * 1024


class Sabotage(StrEnum):
    """What is done to the backup or the archive once the primary is dead."""

    BASE_BACKUP = "base-backup"
    """One byte of one table in the base backup is another."""
    WAL_BIT = "wal-bit"
    """One bit of a commit in the archived WAL is another."""
    WAL_MISSING = "wal-missing"
    """The segment of the archive with that commit is gone."""


def do(wish: Sabotage, places: Places, *, lsn: str) -> str:
    """Do the damage, where WAL is concerned right before `lsn`; what was done, for the log."""
    if wish is Sabotage.BASE_BACKUP:
        return _flip(max((places.backup / "base").rglob("*"), key=_size), 4096, 0xFF)
    segment, offset = _place(places.archive, lsn)
    if wish is Sabotage.WAL_MISSING:
        segment.unlink()
        return f"removed {segment.name}"
    return _flip(segment, offset - 16, 0x01)


def _place(archive: Path, lsn: str) -> tuple[Path, int]:
    """The archived segment of a place in the WAL, and the offset within it."""
    high, low = (int(part, 16) for part in lsn.split("/"))
    return archive / f"00000001{high:08X}{low // SEGMENT_BYTES:08X}", low % SEGMENT_BYTES


def _flip(path: Path, offset: int, bits: int) -> str:
    content = bytearray(path.read_bytes())
    content[offset] ^= bits
    path.write_bytes(content)
    return f"changed byte {offset} of {path.name}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
