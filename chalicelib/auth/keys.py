"""The keys that access tokens, cursors and the like are signed with, and their change without a moment's break.

Outside local they are versions of one secret in Secrets Manager: what the current one signs, containers that know of it
and those that do not yet accept alike, since each keeps the previous one and asks for the secret again when it meets a
key that it has never seen.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from chalicelib import clients
from chalicelib.errors import Unavailable
from chalicelib.logs import log
from chalicelib.settings import settings

# Newest first. A pending one is on its way to become the current one.
CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
READ_AGAIN_AFTER_SECONDS = 300.0
READ_AGAIN_AFTER_FAILURE_SECONDS = 60.0
# Forged tokens name keys that never were: they must not make us ask more often than this.
READ_AT_MOST_EVERY_SECONDS = 5.0
ReadVersion = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Key:
    """A secret, and the name by which a token says that it was signed with it."""

    id: str
    secret: bytes

    @classmethod
    def of(cls, text: str) -> Key:
        """The key of a secret's text; its id is derived, and tells nothing of it."""
        secret = text.encode()
        return cls(hmac.new(secret, b"key id", hashlib.sha256).hexdigest()[:16], secret)

    def for_purpose(self, purpose: str) -> bytes:
        """A key of its own for something else, so that nothing signed there is ever a token."""
        return hmac.new(self.secret, purpose.encode(), hashlib.sha256).digest()


class KeyRing:
    """The keys that hold now. `read_version` answers the secret's text at a stage, or None where there is none."""

    def __init__(self, read_version: ReadVersion, *, clock: Callable[[], float] = time.time) -> None:
        self._read_version, self._clock = read_version, clock
        self._guard = threading.Lock()
        self._keys: tuple[Key, ...] = ()
        self._read_at = self._asked_at = float("-inf")

    def current(self) -> Key:
        """The key to sign with."""
        return self.all()[0]

    def all(self) -> tuple[Key, ...]:
        """Every key that is accepted, the current one first; read again now and then."""
        if abs(self._clock() - self._read_at) >= READ_AGAIN_AFTER_SECONDS:
            self._read(is_whole=False)
        return self._keys

    def find(self, key_id: str) -> Key | None:
        """The accepted key of this id; the secret is asked for one that is not known yet."""
        for keys in (self.all, self.anew):
            found = next((key for key in keys() if hmac.compare_digest(key.id, key_id)), None)
            if found is not None:
                return found
        return None

    def anew(self) -> tuple[Key, ...]:
        """Every accepted key, as the secret has them now, unless it was asked a moment ago."""
        self._read(is_whole=True)
        return self._keys

    def _read(self, *, is_whole: bool) -> None:
        with self._guard:
            now = self._clock()
            if abs(now - self._asked_at) < READ_AT_MOST_EVERY_SECONDS and self._keys:
                return
            self._asked_at = now
            try:
                current = self._read_version(CURRENT)
                if is_whole or not self._keys or current is None or Key.of(current) != self._keys[0]:
                    self._keys = self._accepted(current)
                self._read_at = now
            except Unavailable:
                if not self._keys:
                    raise
                log.warning("token_keys_not_read")
                self._read_at = now - READ_AGAIN_AFTER_SECONDS + READ_AGAIN_AFTER_FAILURE_SECONDS

    def _accepted(self, current: str | None) -> tuple[Key, ...]:
        if current is None:
            raise RuntimeError("the secret that signs access tokens has no current version")
        texts = [current, self._read_version(PENDING), self._read_version(PREVIOUS)]
        return tuple(dict.fromkeys(Key.of(text) for text in texts if text is not None))


@cache
def key_ring() -> KeyRing:
    """The keys of this process: of the secret in Secrets Manager, or of the settings in local."""
    config = settings()
    arn = config.token_secret_arn
    if arn is not None:
        return KeyRing(lambda stage: clients.secret_version(arn, stage))
    if config.token_secret is None:
        raise RuntimeError("RECRUITPRO_TOKEN_SECRET is not set")
    given = {CURRENT: config.token_secret, PREVIOUS: config.token_secret_previous}
    texts = {stage: secret.get_secret_value() for stage, secret in given.items() if secret is not None}
    return KeyRing(texts.get)


def hashes_of(text: str, *, purpose: str) -> tuple[str, ...]:
    """Keyed hashes of `text`, by the current key first and then by the ones before it: what nobody can look up who
    has the database alone. Keep the first, find any."""
    keys = key_ring().all()
    return tuple(hmac.new(key.for_purpose(purpose), text.encode(), hashlib.sha256).hexdigest() for key in keys)
