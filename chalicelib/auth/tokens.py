"""Access tokens (signed, short-lived) and refresh tokens (random, kept as hashes)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import jwt

from chalicelib import clients
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


@cache
def _secret() -> bytes:
    config = settings()
    if config.token_secret_arn is not None:
        return clients.secret(config.token_secret_arn).encode()
    if config.token_secret is None:
        raise RuntimeError("RECRUITPRO_TOKEN_SECRET is not set")
    return config.token_secret.get_secret_value().encode()


@cache
def cursor_key() -> bytes:
    """The key that cursors are signed with: derived, so that no cursor is ever a token."""
    return hmac.new(_secret(), b"cursor", hashlib.sha256).digest()


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
    return jwt.encode(content, _secret(), algorithm=ALGORITHM)


def read_access_token(token: str) -> Claims:
    """What a genuine, unexpired access token says; raises BadToken."""
    try:
        content = jwt.decode(
            token,
            _secret(),
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


def new_refresh_token() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(32)


def hash_of(refresh_token: str) -> bytes:
    """What is kept of a refresh token. Plain SHA-256: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(refresh_token.encode()).digest()
