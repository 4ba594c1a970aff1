"""What is written beside an export: what it holds, what it must look like when restored, and which export it follows.

It is signed with a key that is made of the export's data key: who can write to the bucket, and may not ask KMS for that
key, cannot make one. It holds counts and hashes, nothing of a row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.backups.export_cipher import ExportDamaged, subkey
from chalicelib.backups.fingerprints import Fingerprint

FORMAT = 1
SHA256 = r"^[0-9a-f]{64}$"
Context = dict[str, str]
Unwrap = Callable[[str, bytes, Context], bytes]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stream(_Part):
    """A stream of bytes as it was written."""

    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=SHA256)


class Table(_Part):
    """A table as chalicelib/backups/fingerprints.py sees it."""

    rows: int = Field(ge=0)
    sha256: str = Field(pattern=SHA256)


class Predecessor(_Part):
    """The export before this one, and the SHA-256 of its manifest."""

    name: str
    sha256: str = Field(pattern=SHA256)


class Manifest(_Part):
    """An export as it was written. `started_at` is the moment of the snapshot whose data it holds, `roles` are all that
    the server had: a dump gives rights to them, and does not bring them."""

    format: Literal[1]
    name: str
    environment: str
    database: str
    server_version: str
    alembic_revision: str
    started_at: datetime
    finished_at: datetime
    snapshot: str
    lsn: str
    compression: str
    plain: Stream
    encrypted: Stream
    tables: dict[str, Table]
    shape: dict[str, int]
    roles: list[str]
    key_id: str
    wrapped_key: str
    predecessor: Predecessor | None

    @property
    def context(self) -> Context:
        """What the data key is bound to in KMS: another environment's or export's key does not open this one."""
        return context_of(self.environment, self.database, self.name)

    @property
    def fingerprints(self) -> dict[str, Fingerprint]:
        """The tables as the database had them."""
        return {name: Fingerprint(table.rows, table.sha256) for name, table in self.tables.items()}


def context_of(environment: str, database: str, name: str) -> Context:
    """The encryption context of an export's data key."""
    return {"purpose": "logical-export", "environment": environment, "database": database, "export": name}


def tables_of(found: Mapping[str, Fingerprint]) -> dict[str, Table]:
    """Fingerprints as a manifest writes them."""
    return {name: Table(rows=each.rows, sha256=each.sha256) for name, each in found.items()}


def seal(manifest: Manifest, data_key: bytes) -> bytes:
    """The manifest with its signature, as it is stored."""
    body = manifest.model_dump(mode="json")
    return json.dumps({"manifest": body, "hmac_sha256": _signature(body, data_key)}, indent=1, sort_keys=True).encode()


def unseal(content: bytes, unwrap: Unwrap) -> tuple[Manifest, bytes]:
    """A stored manifest and its data key, which `unwrap(key_id, wrapped_key, context)` gives; raises ExportDamaged when
    it is none or was changed, and what `unwrap` raises when the key cannot be had."""
    body, signature = _split(content)
    manifest = read(body)
    data_key = unwrap(manifest.key_id, base64.b64decode(manifest.wrapped_key), manifest.context)
    if not hmac.compare_digest(signature, _signature(body, data_key)):
        raise ExportDamaged("the manifest is not the one that was written: its signature does not fit")
    return manifest, data_key


def peek(content: bytes) -> Manifest:
    """A stored manifest, its signature not looked at; raises ExportDamaged when it is none."""
    return read(_split(content)[0])


def read(body: object) -> Manifest:
    """Raises ExportDamaged when it does not have the shape of a manifest."""
    try:
        return Manifest.model_validate(body)
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, each["loc"])) for each in error.errors()}))
        raise ExportDamaged(f"the manifest cannot be read: {places}") from error


def digest(content: bytes) -> str:
    """The SHA-256 by which the next export names a stored manifest."""
    return hashlib.sha256(content).hexdigest()


def _split(content: bytes) -> tuple[Any, str]:
    try:
        stored = json.loads(content)
        return stored["manifest"], str(stored["hmac_sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise ExportDamaged("the manifest cannot be read: it is no signed JSON") from error


def _signature(body: object, data_key: bytes) -> str:
    written = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(subkey(data_key, "manifest"), written, "sha256").hexdigest()
