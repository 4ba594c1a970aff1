"""One file of the corpus, how it is announced, and what has to become of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from chalicelib.documents.eicar import EICAR
from chalicelib.documents.structure import CONTENT_TYPES, EXTENSIONS

__all__ = ["EICAR", "Expected", "Sample", "announced_type", "evasion", "honest", "odd"]

_IMPORTED = frozenset({".csv", ".xlsx", ".json", ".jsonl", ".ndjson"})
_READ = frozenset({".pdf", ".docx", ".txt"})


class Expected(StrEnum):
    """What must come out. STOPPED holds what nobody may get: refused or infected, else it is fail-open. CLEAN is an
    honest file: anything else is a false alarm. EITHER looks odd and harms nobody, so both are right."""

    STOPPED = "stopped"
    CLEAN = "clean"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file as it is uploaded. `key` is where it would lie, None for a key of ours."""

    family: str
    name: str
    filename: str
    content_type: str
    kind: str
    content: bytes
    expected: Expected
    key: str | None = None
    size_bytes: int | None = None


def evasion(family: str, name: str, filename: str, content: bytes, *, kind: str = "") -> Sample:
    """A file that must be stopped."""
    return _sample(family, name, filename, content, Expected.STOPPED, kind)


def odd(family: str, name: str, filename: str, content: bytes, *, kind: str = "") -> Sample:
    """A file without anything harmful that may be refused or not."""
    return _sample(family, name, filename, content, Expected.EITHER, kind)


def honest(family: str, name: str, filename: str, content: bytes, *, kind: str = "") -> Sample:
    """A file that must pass."""
    return _sample(family, name, filename, content, Expected.CLEAN, kind)


def _sample(family: str, name: str, filename: str, content: bytes, expected: Expected, kind: str) -> Sample:
    return Sample(family, name, filename, announced_type(filename), kind or _kind(filename), content, expected)


def announced_type(filename: str) -> str:
    """The content type that a browser announces for a file of this name."""
    file_type = EXTENSIONS.get(PurePosixPath(filename).suffix.lower())
    return min(CONTENT_TYPES[file_type]) if file_type else "application/octet-stream"


def _kind(filename: str) -> str:
    extension = PurePosixPath(filename).suffix.lower()
    return "import" if extension in _IMPORTED else "resume" if extension in _READ else "other"
