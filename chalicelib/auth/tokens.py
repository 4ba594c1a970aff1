"""Access tokens (signed, short-lived) and refresh tokens (random, kept as hashes)."""

from __future__ import annotations

import hashlib
import secrets
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


class BadToken(Unauthenticated):
    """The access token is forged, expired or not one of ours."""

    code = "bad_token"


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says. The role is not in it: the database has the one that holds now."""

    user_id: UUID
    organization_id: UUID
    sign_in_id: UUID


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

    Its header is believed in one thing alone, which of our keys to try; how to try it is ours to say.
    """
    try:
        content = jwt.decode(
            token,
            _key_of(token).secret,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
        if content["typ"] != KIND:
            raise ValueError("not an access token")
        return Claims(*(UUID(str(content[name])) for name in ("sub", "org", "sid")))
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
