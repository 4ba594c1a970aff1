"""Who makes data keys and opens them again: KMS, or on a laptop a file."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from nacl.exceptions import CryptoError
from nacl.secret import Aead

from chalicelib.backups.export_cipher import KEY_BYTES, ExportDamaged
from chalicelib.backups.export_manifest import Context
from chalicelib.clients import errors_as
from chalicelib.errors import Unavailable

# What KMS answers when a wrapped key is not of this key and context; anything else is an outage or a missing right.
NOT_THIS_KEY = {"InvalidCiphertextException", "IncorrectKeyException", "NotFoundException", "ValidationException"}
FILE_KEY = "file"


class KeysUnavailable(Unavailable):
    """KMS does not answer, or does not let us."""

    code = "keys_unavailable"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key for one export: in the clear, and wrapped for its manifest."""

    plain: bytes = field(repr=False)
    wrapped: bytes
    key_id: str


class Keys(Protocol):
    """Makes data keys that are bound to a context, and opens them for the same one."""

    def make(self, context: Context) -> DataKey: ...
    def unwrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes: ...


@dataclass(frozen=True, slots=True)
class KmsKeys:
    """Data keys of one KMS key."""

    kms: Any = field(repr=False)
    key_id: str

    def make(self, context: Context) -> DataKey:
        """A new one; raises KeysUnavailable."""
        with errors_as(KeysUnavailable, "KMS makes no data key now, or does not let this role have one"):
            made = self.kms.generate_data_key(KeyId=self.key_id, NumberOfBytes=KEY_BYTES, EncryptionContext=context)
        return DataKey(made["Plaintext"], made["CiphertextBlob"], made["KeyId"])

    def unwrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes:
        """Raises ExportDamaged when it is not a data key of `key_id` and this context, KeysUnavailable else."""
        with errors_as(KeysUnavailable, "KMS opens no data key now, or does not let this role do so"):
            try:
                answer = self.kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=context, KeyId=key_id)
            except self.kms.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in NOT_THIS_KEY:
                    raise ExportDamaged("the data key is not one of this key, environment and export") from error
                raise
        return bytes(answer["Plaintext"])


@dataclass(frozen=True, slots=True)
class FileKeys:
    """Data keys of a key in a file, for a laptop: moto forgets its keys when it stops, and exports outlive that."""

    path: Path

    def make(self, context: Context) -> DataKey:
        """A new one; the file is made when there is none."""
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            self.path.write_bytes(secrets.token_bytes(KEY_BYTES))
        plain = secrets.token_bytes(KEY_BYTES)
        return DataKey(plain, bytes(self._box().encrypt(plain, _words(context))), FILE_KEY)

    def unwrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes:
        """Raises ExportDamaged when it is not a data key of this file and context."""
        try:
            return self._box().decrypt(wrapped, _words(context))
        except (CryptoError, OSError, ValueError, TypeError) as error:
            raise ExportDamaged("the data key is not one of this key, environment and export") from error

    def _box(self) -> Aead:
        return Aead(self.path.read_bytes())


def _words(context: Context) -> bytes:
    return json.dumps(context, sort_keys=True).encode()
