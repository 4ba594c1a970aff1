"""Secrets as they are kept: encrypted, so that a dump of the database gives nobody a code (docs/decisions/0009).

XChaCha20-Poly1305 of libsodium, under a key that is derived for one purpose alone. It is bound to its owner (a user, a
webhook), so that a sealed secret that somebody copies into another's row does not open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from chalicelib.auth.keys import Key

PURPOSE = "second factor"
FindKey = Callable[[str], Key | None]


class CannotOpen(Exception):
    """The key is not one of ours any more, or this is not what was sealed for this owner."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted secret, and the id of its key."""

    key_id: str
    content: bytes


def seal(secret: str, owner_id: UUID, key: Key, *, purpose: str = PURPOSE) -> Sealed:
    """`secret`, readable for who has the key and knows whose it is."""
    from nacl.secret import Aead

    # The library takes 24 random bytes for the nonce by itself, enough never to meet one twice.
    return Sealed(key.id, bytes(Aead(key.for_purpose(purpose)).encrypt(secret.encode(), owner_id.bytes)))


def unseal(sealed: Sealed, owner_id: UUID, find_key: FindKey, *, purpose: str = PURPOSE) -> str:
    """The secret again; raises CannotOpen."""
    from nacl.exceptions import CryptoError
    from nacl.secret import Aead

    key = find_key(sealed.key_id)
    if key is None:
        raise CannotOpen("its key is not one of ours any more")
    try:
        return Aead(key.for_purpose(purpose)).decrypt(sealed.content, owner_id.bytes).decode()
    except (CryptoError, ValueError):
        raise CannotOpen("it was not sealed with this key for this owner") from None
