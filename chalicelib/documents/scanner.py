"""What a virus scanner says about a document. Everything that is not an explicit OK or FOUND is no verdict at all.

No word, half a word, an unknown word, definitions too old or of unknown age: `ScannerUnavailable`, to be tried again. A
file that the scanner did not look through to its end: `ScanIncomplete`, which trying again will not change. Neither is
ever clean.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, BinaryIO, Protocol

from chalicelib.documents import archive, magic
from chalicelib.documents.clamd_stream import ClamdSilent, ClamdStream, StreamUnreadable
from chalicelib.documents.eicar import EICAR
from chalicelib.documents.limits import IMPORT_LIMITS, Budget, StructureLimits
from chalicelib.documents.refusals import StructureRefused
from chalicelib.errors import Invalid, Unavailable

STATUS_TIMEOUT_SECONDS = 3.0
EICAR_ENGINE = "EICAR only (development)"
EICAR_SIGNATURE = "Eicar-Test-Signature"
EICAR_WARNING = "development scanner: it recognizes the EICAR test file alone and protects against nothing"
_CLEAN = "stream: OK"
_FOUND = re.compile(r"stream: (?P<signature>\S[^\x00-\x1f]*) FOUND")
_NOT_LOOKED_THROUGH = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")
_BUILT = "%a %b %d %H:%M:%S %Y"


class ScannerUnavailable(Unavailable):
    """The scanner gave no verdict; `reason` tells an operator why, in a few words. `is_about_document` says that others
    may well get theirs."""

    code = "scanner_unavailable"
    title = "Virus scanner unavailable"

    def __init__(self, reason: str, *, is_about_document: bool = False) -> None:
        super().__init__(f"the virus scanner gives no verdict now ({reason}); the document stays closed until it does")
        self.reason = reason
        self.is_about_document = is_about_document


class ScanIncomplete(Invalid):
    """The scanner could not look through the whole file; `reason` is its word for that."""

    code = "scan_incomplete"
    title = "Scan incomplete"

    def __init__(self, reason: str) -> None:
        cause = "it is protected by a password" if "Encrypted" in reason else "it is too large or too deeply nested"
        super().__init__(f"the virus scanner could not look through the whole file: {cause} ({reason})")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ScanVerdict:
    """One look at one file. `engine` names program and definitions; `definitions_at` is when those were built."""

    is_infected: bool
    signature: str | None
    engine: str
    definitions_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScannerStatus:
    """Whether verdicts can be had now; `detail` is a sentence for an operator, `circuit` whether this process asks."""

    is_up: bool
    engine: str | None
    definitions_at: datetime | None
    detail: str
    circuit: str = "closed"


class Scanner(Protocol):
    """Looks at files."""

    def scan(self, stream: BinaryIO) -> ScanVerdict:
        """The verdict on the whole of `stream`; ScannerUnavailable or ScanIncomplete when there is none."""
        ...

    def status(self) -> ScannerStatus:
        """Whether a scan would work now; never raises, and answers within a few seconds."""
        ...


def utc_now() -> datetime:
    return datetime.now(UTC)


class ClamdScanner:
    """A clamd on TCP or, when `socket_path` is given, on a unix socket.

    `timeout_seconds` bounds a whole scan, sending included, with a second more for every 20 MiB of it; the wait for a
    connection is bounded by `connect_timeout_seconds` as well, and one that is refused is tried twice more. With
    `definitions_max_age` older definitions, and those that tell no age, give no verdict; None leaves age unjudged, for
    a signature folder of one's own, which has none.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 3310,
        socket_path: str | None = None,
        connect_timeout_seconds: float = 3.0,
        timeout_seconds: float = 30.0,
        definitions_max_age: timedelta | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._address = (host, port, socket_path)
        self._connect_timeout_seconds = connect_timeout_seconds
        self._timeout_seconds = timeout_seconds
        self._definitions_max_age = definitions_max_age
        self._now = now

    def scan(self, stream: BinaryIO) -> ScanVerdict:
        clamd = ClamdStream(*self._address, self._timeout_seconds, self._connect_timeout_seconds)
        engine, definitions_at = self._version(clamd)
        try:
            answer = clamd.scan_stream(stream)
        except ClamdSilent as silence:
            raise ScannerUnavailable(str(silence)) from None
        except StreamUnreadable as failure:
            raise ScannerUnavailable("the document could not be read", is_about_document=True) from failure
        signature = read_answer(answer)
        return ScanVerdict(signature is not None, signature, engine, definitions_at)

    def status(self) -> ScannerStatus:
        try:
            timeout_seconds = min(self._timeout_seconds, STATUS_TIMEOUT_SECONDS)
            clamd = ClamdStream(*self._address, timeout_seconds, self._connect_timeout_seconds)
            engine, definitions_at = self._version(clamd)
        except ScannerUnavailable as failure:
            return ScannerStatus(False, None, None, failure.detail)
        age = f"definitions of {definitions_at:%Y-%m-%d %H:%M} UTC" if definitions_at else "definitions without a date"
        return ScannerStatus(True, engine, definitions_at, f"{engine} answers, with {age}")

    def _version(self, clamd: ClamdStream) -> tuple[str, datetime | None]:
        """Engine and age of the definitions; ScannerUnavailable when they may not be trusted."""
        try:
            engine, definitions_at = read_version(clamd.ask("VERSION"))
        except ClamdSilent as silence:
            raise ScannerUnavailable(str(silence)) from None
        if self._definitions_max_age is None:
            return engine, definitions_at
        if definitions_at is None:
            raise ScannerUnavailable("its definitions tell no date")
        if self._now() - definitions_at > self._definitions_max_age:
            raise ScannerUnavailable(f"its definitions are of {definitions_at:%Y-%m-%d}, which is too old")
        return engine, definitions_at


def read_answer(answer: str) -> str | None:
    """The signature found, or None for an explicit OK; raises ScanIncomplete, else ScannerUnavailable."""
    if answer == _CLEAN:
        return None
    found = _FOUND.fullmatch(answer)
    if found is None:
        is_too_long = answer.startswith("INSTREAM size limit exceeded")
        if is_too_long:
            raise ScannerUnavailable("the file is above its StreamMaxLength", is_about_document=True)
        raise ScannerUnavailable("an unknown answer")
    signature = found["signature"]
    if signature.startswith(_NOT_LOOKED_THROUGH):
        raise ScanIncomplete(signature)
    return signature


def read_version(answer: str) -> tuple[str, datetime | None]:
    """`ClamAV 1.4.6/27500/Mon Nov 24 08:30:00 2025` as engine with definitions, and their date if they tell one."""
    name, *rest = answer.strip().split("/", 2)
    if re.fullmatch(r"ClamAV \d\S*", name) is None:
        raise ScannerUnavailable("an unknown answer")
    if len(rest) < 2:
        return name, None
    try:
        # clamd prints its local time without a zone; its service runs on UTC.
        built_at = datetime.strptime(rest[1].strip(), _BUILT).replace(tzinfo=UTC)
    except ValueError:
        return f"{name}/{rest[0]}", None
    return f"{name}/{rest[0]}", built_at


class EicarOnlyScanner:
    """For a laptop without ClamAV: finds EICAR in plain bytes and in archives, as deep as `limits` allow.

    Exists in the local environment alone; ValueError elsewhere.
    """

    def __init__(self, environment: str, *, limits: StructureLimits | None = None) -> None:
        if environment != "local":
            raise ValueError(f"the EICAR-only scanner protects against nothing and is refused in {environment}")
        self._limits = limits or IMPORT_LIMITS  # the widest of any document kind

    def scan(self, stream: BinaryIO) -> ScanVerdict:
        """The verdict on the whole of `stream` (seekable); ScanIncomplete for an archive that cannot be unpacked."""
        try:
            is_infected = self._holds_eicar(stream, Budget(self._limits), depth=1)
        except StructureRefused as refusal:
            raise ScanIncomplete(refusal.code) from None
        return ScanVerdict(is_infected, EICAR_SIGNATURE if is_infected else None, EICAR_ENGINE, None)

    def status(self) -> ScannerStatus:
        return ScannerStatus(True, EICAR_ENGINE, None, EICAR_WARNING)

    def _holds_eicar(self, stream: IO[bytes], budget: Budget, *, depth: int) -> bool:
        if magic.contains(stream, EICAR):
            return True
        if not magic.read_head(stream).startswith(magic.ZIP):
            return False
        size_bytes = stream.seek(0, os.SEEK_END)
        entries = archive.read_members(stream, size_bytes, budget, depth=depth)
        members = archive.unpack(stream, entries, budget, keep=lambda _name, _head: True)
        return any(member.content and self._holds_eicar(member.content, budget, depth=depth + 1) for member in members)
