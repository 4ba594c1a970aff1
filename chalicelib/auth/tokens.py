"""Access tokens (signed, short-lived) and refresh tokens (random, kept as hashes)."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt

from chalicelib.auth.keys import Key, key_ring
from chalicelib.errors import Unauthenticated
from chalicelib.settings import settings

ALGORITHM = "HS256"
ISSUER = "recruitpro"
AUDIENCE = "recruitpro-api"
KIND = "access"
MOST_REMEMBERED = 2000


class BadToken(Unauthenticated):
    """The access token is forged, expired or not one of ours."""

    code = "bad_token"


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says. The role is not in it: the database has the one that holds now."""

    user_id: UUID
    organization_id: UUID
    sign_in_id: UUID


@dataclass(frozen=True, slots=True)
class _Genuine:
    claims: Claims
    key: Key
    expires_at: float


# By the hash, so that no token lies about in memory.
_genuine: dict[bytes, _Genuine] = {}


def cursor_keys(*, anew: bool = False) -> tuple[bytes, ...]:
    """The keys of cursors, the one to sign with first; `anew` when none of them fitted. They are derived, so that no
    cursor is ever a token."""
    keys = key_ring().anew() if anew else key_ring().all()
    return tuple(key.for_purpose("cursor") for key in keys)


def make_access_token(claims: Claims, now: datetime) -> str:
    """A token for `RECRUITPRO_ACCESS_TOKEN_SECONDS` from `now`."""
    content = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "typ": KIND,
        "sub": str(claims.user_id),
        "org": str(claims.organization_id),
        "sid": str(claims.sign_in_id),
        "iat": now,
        "exp": now + timedelta(seconds=settings().access_token_seconds),
    }
    key = key_ring().current()
    return jwt.encode(content, key.secret, algorithm=ALGORITHM, headers={"kid": key.id})


def read_access_token(token: str) -> Claims:
    """What a genuine, unexpired access token says; raises BadToken.

    Its header is believed in one thing alone, which of our keys to try; how to try it is ours to say. A genuine one is
    remembered until it expires, and as long as the key that it was signed with holds: a caller sends it many times.
    Whether its sign-in still stands is asked of the database at each call.
    """
    digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
    known = _genuine.get(digest)
    if known is not None and known.expires_at > time.time() and key_ring().find(known.key.id) == known.key:
        return known.claims
    claims, key, expires_at = _verified(token)
    if len(_genuine) >= MOST_REMEMBERED:
        _genuine.clear()
    _genuine[digest] = _Genuine(claims, key, expires_at)
    return claims


def _verified(token: str) -> tuple[Claims, Key, float]:
    try:
        key = _key_of(token)
        content = jwt.decode(
            token,
            key.secret,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
        if content["typ"] != KIND:
            raise ValueError("not an access token")
        claims = Claims(*(UUID(str(content[name])) for name in ("sub", "org", "sid")))
        return claims, key, float(content["exp"])
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
        raise BadToken("this access token is not valid; sign in again") from None


def _key_of(token: str) -> Key:
    key = key_ring().find(str(jwt.get_unverified_header(token)["kid"]))
    if key is None:
        raise ValueError("signed with no key of ours")
    return key


def new_refresh_token() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(32)


def hash_of(refresh_token: str) -> bytes:
    """What is kept of a refresh token. Plain SHA-256: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(refresh_token.encode()).digest()
