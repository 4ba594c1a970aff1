"""What a set of definitions consists of. The manifest is written last and in one piece: with it a set is published."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEY = "manifest.json"
# A name becomes a path: nothing but a database of ClamAV, cvd as its makers sign them, cud as we build them for tests.
NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}\.(cvd|cud)")
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_FILES = 20
LARGEST_BYTES = 2 * 1024**3


class DefinitionsRefused(Exception):
    """These definitions must not be used or published; the text says why, for an operator."""


@dataclass(frozen=True, slots=True)
class DefinitionsFile:
    """One file of a set: its digest, and the version of the object that holds it in the bucket."""

    name: str
    sha256: str
    size_bytes: int
    version_id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A set of definitions: its version and age are those of the daily file, which changes most."""

    version: int
    built_at: datetime
    published_at: datetime
    files: tuple[DefinitionsFile, ...]

    @property
    def id(self) -> str:
        """A name for the set's folder: equal for equal files."""
        digests = "".join(f"{file.name}{file.sha256}" for file in self.files)
        return f"{self.version}-{hashlib.sha256(digests.encode()).hexdigest()[:16]}"

    def age_hours(self, now: datetime) -> float:
        """How many hours ago the set was built."""
        return (now - self.built_at).total_seconds() / 3600

    def as_json(self) -> str:
        return json.dumps(asdict(self), default=datetime.isoformat, indent=1) + "\n"

    @classmethod
    def of_json(cls, text: str) -> Manifest:
        """The manifest in `text`; raises DefinitionsRefused for anything else."""
        try:
            told = json.loads(text)
            files = tuple(_file(each) for each in told["files"])
            made = cls(int(told["version"]), _moment(told["built_at"]), _moment(told["published_at"]), files)
        except (KeyError, TypeError, ValueError) as mistake:
            raise DefinitionsRefused(f"the manifest cannot be read: {mistake}") from None
        if not 0 < len(files) <= MOST_FILES or len({file.name for file in files}) < len(files):
            raise DefinitionsRefused(f"the manifest names {len(files)} files, or one twice")
        return made


def _file(told: dict[str, Any]) -> DefinitionsFile:
    file = DefinitionsFile(str(told["name"]), str(told["sha256"]), int(told["size_bytes"]), str(told["version_id"]))
    if NAME.fullmatch(file.name) is None or SHA256.fullmatch(file.sha256) is None:
        raise ValueError(f"no file of definitions is called {file.name!r} with the digest {file.sha256!r}")
    if not 0 < file.size_bytes <= LARGEST_BYTES:
        raise ValueError(f"{file.name} has {file.size_bytes} bytes")
    return file


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
