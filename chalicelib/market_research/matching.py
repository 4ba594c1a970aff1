"""Which positions and published figures a question is about, and which of its filters had to be relaxed for that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chalicelib.market_research.places import is_at
from chalicelib.market_research.titles import Seniority, Title, read_title
from chalicelib.screening.folding import fold

NEEDED = 5
"""Fewer data points than this are said and give no figure."""
TITLES_SHOWN = 10
RELAXED_IN_ORDER = ("seniority", "sector", "location")
"""The filter that goes first, first. The title is never relaxed."""


@dataclass(frozen=True, slots=True)
class Question:
    """What market is asked about. A seniority asked for by itself wins over one in the title."""

    title: str
    location: str | None = None
    sector: str | None = None
    seniority: Seniority | None = None

    @property
    def read(self) -> Title:
        return read_title(self.title)

    def filters(self) -> dict[str, str]:
        """The filters beside the title, each with what it asks for."""
        asked = {"seniority": self.seniority or self.read.seniority, "sector": self.sector, "location": self.location}
        return {name: str(asked[name]) for name in RELAXED_IN_ORDER if asked[name]}


@dataclass(frozen=True, slots=True)
class Entry:
    """A position or a published figure, as far as matching looks at it. `seniority` is None when the title tells it."""

    id: UUID
    title: str
    location: str | None
    sector: str | None
    seniority: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The matching entries; `steps` say how many matched under which filters, all of them first; `relaxed` are those
    that were left out in the end; `is_bounded` is set when there were more entries than are looked at."""

    ids: tuple[UUID, ...]
    relaxed: tuple[str, ...]
    steps: tuple[tuple[tuple[str, ...], int], ...]
    titles: tuple[tuple[str, int], ...]
    is_bounded: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "matched": len(self.ids),
            "relaxed": list(self.relaxed),
            "steps": [{"filters": ["title", *filters], "matched": count} for filters, count in self.steps],
            "titles": [{"title": title, "count": count} for title, count in self.titles],
            "only_newest_looked_at": self.is_bounded,
        }


def select(question: Question, entries: Sequence[Entry], *, is_bounded: bool = False) -> Selection:
    """The entries that the question is about. When fewer than NEEDED match, filters are relaxed one after the other
    until enough do; when even the title alone does not find enough, none is: it would change the question and still
    give no answer."""
    named = [entry for entry in entries if question.read.is_answered_by(read_title(entry.title))]
    filters = question.filters()
    steps: list[tuple[tuple[str, ...], int]] = []
    found: list[list[Entry]] = []
    for left_out in range(len(filters) + 1):
        kept = dict(list(filters.items())[left_out:])
        found.append([entry for entry in named if _passes(entry, kept)])
        steps.append((tuple(kept), len(found[-1])))
        if len(found[-1]) >= NEEDED:
            break
    chosen = len(found) - 1 if len(found[-1]) >= NEEDED else 0
    relaxed = tuple(filters)[:chosen]
    ids = tuple(entry.id for entry in found[chosen])
    return Selection(ids, relaxed, tuple(steps), _titles(found[chosen]), is_bounded)


def _titles(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    counted = Counter(entry.title for entry in entries)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:TITLES_SHOWN])


def _passes(entry: Entry, filters: Mapping[str, str]) -> bool:
    return all(_TESTS[name](wanted, entry) for name, wanted in filters.items())


def _is_senior(wanted: str, entry: Entry) -> bool:
    return (entry.seniority or read_title(entry.title).seniority) == wanted


def _is_of_sector(wanted: str, entry: Entry) -> bool:
    return entry.sector is not None and fold(entry.sector) == fold(wanted)


def _is_there(wanted: str, entry: Entry) -> bool:
    return is_at(wanted, entry.location)


_TESTS: Mapping[str, Callable[[str, Entry], bool]] = {
    "seniority": _is_senior,
    "sector": _is_of_sector,
    "location": _is_there,
}
