"""Storage, scanner and mail that can be told to fail: files in a folder, EICAR alone, and switches that are files."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import BinaryIO

from chalicelib.clients import (
    Bucket,
    Copy,
    KeptVersion,
    ObjectVersion,
    Sink,
    StorageUnavailable,
    StoredObject,
    UploadForm,
    Wiped,
)
from chalicelib.documents.scanner import EicarOnlyScanner, ScannerStatus, ScannerUnavailable, ScanVerdict
from chalicelib.ids import new_id
from chalicelib.mail import MailUnavailable, MailUnconfirmed
from chalicelib.mail_form import NOTICE_HEADER, OUTREACH_HEADER

HANG_SECONDS = 2.0


class Switch:
    """A fault that one process switches and all others feel; it counts whom it hit."""

    def __init__(self, folder: Path, name: str) -> None:
        self._flag, self._hits = folder / f"{name}.on", folder / f"{name}.hits"

    def turn(self, is_on: bool) -> None:
        if is_on:
            self._flag.touch()
        else:
            self._flag.unlink(missing_ok=True)

    def strikes(self) -> bool:
        """Whether it is on; counted when it is."""
        if not self._flag.exists():
            return False
        with self._hits.open("ab") as hits:
            hits.write(b".")
        return True

    @property
    def hits(self) -> int:
        return self._hits.stat().st_size if self._hits.exists() else 0


class FolderStorage:
    """A versioned bucket in a folder. An object is there as a whole or not at all."""

    def __init__(self, folder: Path, bucket: Bucket = Bucket.UPLOADS) -> None:
        self._buckets = folder / "objects"
        self._objects = self._buckets / bucket.value
        self.down = Switch(folder, "storage-down")

    def upload_form(self, key: str, *, content_type: str, size_bytes: int, expires_seconds: int) -> UploadForm:
        return UploadForm("http://127.0.0.1/", {"key": key, "Content-Type": content_type})

    def download_link(
        self, key: str, version: str, *, filename: str, expires_seconds: int, content_type: str | None = None
    ) -> str:
        return f"http://127.0.0.1/{key}?versionId={version}"

    def find(self, key: str) -> StoredObject | None:
        self.check()
        versions = sorted((self._objects / key).glob("*-*"))
        if not versions:
            return None
        content_type = (self._objects / key / "type").read_text()
        return StoredObject(key, versions[-1].name, versions[-1].stat().st_size, content_type)

    def fetch(self, key: str, version: str, into: Sink) -> None:
        self.check()
        try:
            into.write((self._objects / key / version).read_bytes())
        except FileNotFoundError:
            raise StorageUnavailable("there is no such version") from None

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        self.check()
        folder, version = self._objects / key, str(new_id())
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "type").write_text(content_type)
        half = folder / "half"
        half.write_bytes(content)
        half.rename(folder / version)
        return version

    def upload_stream(self, key: str, chunks: Iterable[bytes], *, content_type: str) -> StoredObject:
        content = b"".join(chunks)
        return StoredObject(key, self.put(key, content, content_type=content_type), len(content), content_type)

    def copy(self, source: ObjectVersion, copy: Copy, *, reuse_since: datetime | None = None) -> str:
        """Copy a version from another bucket; an equal one that is there already is taken for it when asked."""
        self.check()
        try:
            content = (self._buckets / source.bucket.value / source.key / source.version).read_bytes()
        except FileNotFoundError:
            raise StorageUnavailable("there is no such version") from None
        if hashlib.sha256(content).hexdigest() != copy.sha256:
            raise StorageUnavailable("a copy in the file storage is not what was scanned")
        equal = [path.name for path in (self._objects / copy.key).glob("*-*") if path.read_bytes() == content]
        return equal[-1] if equal and reuse_since else self.put(copy.key, content, content_type=copy.content_type)

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        self.check()
        folders = {path.parent for path in self._objects.rglob("*-*") if path.is_file()}
        keys = sorted(str(folder.relative_to(self._objects)) for folder in folders)
        return (key for key in keys if key.startswith(prefix) and key > after)

    def versions(self, key: str) -> list[KeptVersion]:
        self.check()
        return [
            KeptVersion(path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC))
            for path in (self._objects / key).glob("*-*")
        ]

    def delete(self, key: str, version: str) -> None:
        self.check()
        (self._objects / key / version).unlink(missing_ok=True)

    def wipe(self, prefix: str) -> Wiped:
        """Delete every version below a folder."""
        self.check()
        paths = [path for path in (self._objects / prefix.rstrip("/")).rglob("*-*") if path.is_file()]
        for path in paths:
            path.unlink(missing_ok=True)
        return Wiped(len(paths), 0)

    def check(self) -> None:
        if self.down.strikes():
            raise StorageUnavailable("the file storage does not answer now")

    def holds(self, key: str, version: str = "*-*") -> bool:
        """Whether an object is there; works while the storage is down."""
        return any((self._objects / key).glob(version))

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Each version that is there: its path in the bucket, and its bytes; works while the storage is down."""
        for path in self._objects.rglob("*-*"):
            if path.is_file():
                yield str(path.relative_to(self._objects)), path.read_bytes()


class FlakyScanner:
    """EICAR alone; when told to it fails, or says nothing until its caller's patience is over."""

    def __init__(self, folder: Path) -> None:
        self._scanner = EicarOnlyScanner("local")
        self.down, self.hanging = Switch(folder, "scanner-down"), Switch(folder, "scanner-hanging")

    def scan(self, stream: BinaryIO) -> ScanVerdict:
        if self.down.strikes():
            raise ScannerUnavailable("the connection was refused")
        if self.hanging.strikes():
            time.sleep(HANG_SECONDS)
            raise ScannerUnavailable("no answer in time")
        return self._scanner.scan(stream)

    def status(self) -> ScannerStatus:
        return self._scanner.status()


class FolderMail:
    """A mail service that keeps a list of what it took. It may take nothing, or take a message and not say so."""

    def __init__(self, folder: Path) -> None:
        self._list = folder / "mails"
        self.down, self.silent = Switch(folder, "mail-down"), Switch(folder, "mail-silent")

    def send(self, message: EmailMessage) -> str:
        if self.down.strikes():
            raise MailUnavailable("the connection was refused")
        with self._list.open("a") as mails:
            mails.write(f"{message[OUTREACH_HEADER] or message[NOTICE_HEADER]}\n")
        if self.silent.strikes():
            raise MailUnconfirmed("no answer in time")
        return str(new_id())

    def sent(self) -> list[str]:
        """The ids of the messages and notices that it took, once for each time."""
        return self._list.read_text().split() if self._list.exists() else []
