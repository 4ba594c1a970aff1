"""How much of an archive we are willing to unpack, and the count of what was unpacked so far."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.documents.refusals import ArchiveRatio, ArchiveTooBig, ArchiveTooManyEntries
from chalicelib.settings import Settings

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StructureLimits:
    """What one upload may unpack to, nested archives included.

    `max_unpacked_bytes` has to stay below MaxFileSize and MaxScanSize of clamd: above them clamd skips content and
    still answers OK.
    """

    max_entries: int = 2_000
    max_unpacked_bytes: int = 64 * MIB
    max_ratio: int = 100
    ratio_floor_bytes: int = MIB
    """A member smaller than this may have any ratio: an empty sheet or a blank picture packs 500 times smaller."""
    max_depth: int = 3
    """The upload itself is depth 1: 3 allows a ZIP in a ZIP in a ZIP, or a DOCX with a workbook inside a ZIP."""
    max_directory_bytes: int = 4 * MIB
    """The list of members is the one part of an archive that is read as a whole."""
    max_streams: int = 10_000
    """Streams of a PDF that are looked into: a page, its pictures and fonts have some ten each."""
    max_pixels: int = 250_000_000
    """The largest sensor of a telephone has 200 million; four bytes for each are what a reader takes to show them."""


IMPORT_LIMITS = StructureLimits(max_unpacked_bytes=1024 * MIB)
"""For workbooks of candidates: a million rows unpack to some hundred MiB."""


def limits_for(kind: str, chosen: Settings | None = None) -> StructureLimits:
    """What an upload of this document kind may unpack to, as the settings have it; without them, the defaults."""
    if chosen is None:
        return IMPORT_LIMITS if kind == "import" else StructureLimits()
    return StructureLimits(
        max_entries=chosen.archive_max_entries,
        max_unpacked_bytes=(
            chosen.archive_import_max_unpacked_bytes if kind == "import" else chosen.archive_max_unpacked_bytes
        ),
        max_ratio=chosen.archive_max_ratio,
        max_depth=chosen.archive_max_depth,
    )


@dataclass(slots=True)
class Budget:
    """What is left of the limits while one upload is walked; each `spend_` raises once a limit is passed."""

    limits: StructureLimits
    entries: int = 0
    unpacked_bytes: int = 0

    def spend_entries(self, count: int) -> None:
        """Count `count` more members; ArchiveTooManyEntries over the limit."""
        self.entries += count
        if self.entries > self.limits.max_entries:
            raise ArchiveTooManyEntries(self.limits.max_entries)

    def foresee_bytes(self, count: int) -> None:
        """ArchiveTooBig when `count` more bytes would be too many: refuses an honest giant before unpacking it."""
        if self.unpacked_bytes + count > self.limits.max_unpacked_bytes:
            raise ArchiveTooBig(self.limits.max_unpacked_bytes)

    def spend_bytes(self, count: int, *, member_bytes: int, packed_bytes: int) -> None:
        """Count `count` bytes just unpacked from a member that gave `member_bytes` for `packed_bytes` so far."""
        self.foresee_bytes(count)
        self.unpacked_bytes += count
        if member_bytes > self.limits.ratio_floor_bytes and member_bytes > self.limits.max_ratio * packed_bytes:
            raise ArchiveRatio(self.limits.max_ratio)
