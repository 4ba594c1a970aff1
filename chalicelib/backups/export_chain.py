"""Whether exports follow one another without a gap, and whether the newest is as new as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from chalicelib.backups.export_manifest import Predecessor


@dataclass(frozen=True, slots=True)
class Link:
    """One export: where it lies, what its manifest calls it, its manifest's SHA-256 and what it follows."""

    place: str
    name: str
    sha256: str
    predecessor: Predecessor | None


def breaks(links: Sequence[Link]) -> list[str]:
    """What does not hold in a chain whose oldest link comes first, a line for each place. The oldest one may name a
    predecessor that is gone: its time was over."""
    found = [f"{each.place} holds the manifest of {each.name}" for each in links if each.name != each.place]
    for earlier, later in pairwise(links):
        wanted = later.predecessor
        if wanted is None:
            found.append(f"{later.place} says that it follows no export, and {earlier.place} lies before it")
        elif wanted.name != earlier.place:
            found.append(f"{later.place} follows {wanted.name}, and {earlier.place} lies in its place")
        elif wanted.sha256 != earlier.sha256:
            found.append(f"{earlier.place} has another manifest than the one that {later.place} follows")
    return found


def staleness(taken_at: datetime, now: datetime, max_age: timedelta) -> list[str]:
    """A line when the newest export is older than it may be, or from the future."""
    if taken_at > now + timedelta(minutes=5):
        return [f"the newest export says that it is of {taken_at:%Y-%m-%d %H:%M} UTC, which is yet to come"]
    age = now - taken_at
    if age <= max_age:
        return []
    return [
        f"the newest export is {age / timedelta(hours=1):,.0f} hours old, more than {max_age / timedelta(hours=1):,.0f}"
    ]
