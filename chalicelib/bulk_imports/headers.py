"""The first row of a table, made into column names that can be told apart."""

from __future__ import annotations

import re

from chalicelib.bulk_imports.columns import KNOWN_NAMES, normalised
from chalicelib.bulk_imports.reading_errors import HeaderMissing, HeaderUnusable
from chalicelib.bulk_imports.rows import Record

COLUMNS_MAX, NAME_MAX_CHARACTERS = 500, 200
# No column is called jane@example.com. One may be called 2023-2024, but then some other has a name that we know.
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,63}")
_NUMBER_OR_LINK = re.compile(r"\+?[\d ()./-]{6,30}|https?://\S+")


def read_header(record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Distinct column names, and a note on each that had to be changed.

    Raises HeaderMissing when the row looks like a person's data, HeaderUnusable when it cannot be read.
    """
    if record.problem is not None:
        raise HeaderUnusable(record.problem[1])
    names = [" ".join(cell.split()) for cell in record.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > COLUMNS_MAX:
        raise HeaderUnusable(f"there are more than {COLUMNS_MAX} of them")
    has_known = any(normalised(name) in KNOWN_NAMES for name in names)
    for name in names:
        if len(name) > NAME_MAX_CHARACTERS or "\x00" in name:
            raise HeaderUnusable("one of them is no name: it is too long or not text")
        if _ADDRESS.fullmatch(name) or (not has_known and _NUMBER_OR_LINK.fullmatch(name)):
            raise HeaderMissing(name)
    return _told_apart(names)


def _told_apart(names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    taken, header, notes = set(names), list[str](), list[str]()
    for number, name in enumerate(names, start=1):
        if name and name not in header:
            header.append(name)
            continue
        new, count = name or f"column {number}", 1
        while new in taken:
            count += 1
            new = f"{name or f'column {number}'} ({count})"
        taken.add(new)
        header.append(new)
        why = f"there is another column {name!r}" if name else "it has no name"
        notes.append(f"column {number} is called {new!r} here: {why}")
    return tuple(header), tuple(notes)
