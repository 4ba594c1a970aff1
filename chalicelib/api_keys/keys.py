"""How a key is written: `rp_`, then its id, its organization, 256 random bits and a checksum, in letters and digits.

The checksum tells a mistyped or cut key, and those who search repositories for leaked ones, without asking the
database. Id and organization are no secrets: they are looked up together with the hash of the whole, or not at all.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from uuid import UUID

from chalicelib.api_keys.errors import BadApiKey

PREFIX = "rp_"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
VALUES = {digit: value for value, digit in enumerate(DIGITS)}
ID_DIGITS, SECRET_DIGITS, CHECKSUM_DIGITS = 22, 43, 6
SHAPE = re.compile(
    rf"{PREFIX}([0-9A-Za-z]{{{ID_DIGITS}}})([0-9A-Za-z]{{{ID_DIGITS}}})"
    rf"[0-9A-Za-z]{{{SECRET_DIGITS}}}([0-9A-Za-z]{{{CHECKSUM_DIGITS}}})"
)


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """What somebody's key says of itself, and its hash; none of it is believed before the database knows it."""

    id: UUID
    organization_id: UUID
    key_hash: bytes


def is_key(token: str) -> bool:
    """Whether a bearer token wants to be a key, and not an access token."""
    return token.startswith(PREFIX)


def new_key(key_id: UUID, organization_id: UUID) -> str:
    """A key, to be shown once."""
    secret = _written(secrets.randbits(256), SECRET_DIGITS)
    text = f"{PREFIX}{_written(key_id.int, ID_DIGITS)}{_written(organization_id.int, ID_DIGITS)}{secret}"
    return text + _checksum(text)


def hash_of(key: str) -> bytes:
    """What is kept of a key. Plain SHA-256: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(key.encode()).digest()


def read(key: str) -> KeyClaim:
    """What a key says of itself; raises BadApiKey when it was not written by `new_key`."""
    parts = SHAPE.fullmatch(key)
    if parts is None or _checksum(key[:-CHECKSUM_DIGITS]) != parts[3]:
        raise BadApiKey()
    try:
        return KeyClaim(UUID(int=_number(parts[1])), UUID(int=_number(parts[2])), hash_of(key))
    except ValueError:
        raise BadApiKey() from None


def hint_of(key_id: UUID) -> str:
    """How the key with this id begins, by which its owner finds it among others."""
    return PREFIX + _written(key_id.int, ID_DIGITS)


def _checksum(text: str) -> str:
    return _written(zlib.crc32(text.encode()), CHECKSUM_DIGITS)


def _written(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, len(DIGITS))
        digits.append(DIGITS[rest])
    return "".join(reversed(digits))


def _number(text: str) -> int:
    number = 0
    for digit in text:
        number = number * len(DIGITS) + VALUES[digit]
    return number
