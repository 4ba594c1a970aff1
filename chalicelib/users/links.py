"""One-time links: the secret in them, and what is kept of it."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated

from pydantic import StringConstraints

from chalicelib.settings import settings

ACCEPT_INVITATION, RESET_PASSWORD = "accept-invitation", "reset-password"
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def new_token() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is kept of a token. Plain SHA-256: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def link_to(page: str, token: str) -> str | None:
    """The link to a page of the frontend; None where no frontend is set. The secret stands in the fragment, which
    browsers send to no server and name in no Referer."""
    address = settings().frontend_address
    return None if address is None else f"{address}/{page}#token={token}"
