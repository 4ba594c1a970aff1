"""How much time, memory and text the reading of one document may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Bounds of one reading: wall clock in seconds, address space in MiB, pages, and Unicode code points of text."""

    timeout_seconds: float
    memory_mib: int
    max_pages: int
    max_characters: int = 500_000
