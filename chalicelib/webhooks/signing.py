"""Signatures as the Standard Webhooks specification has them (https://www.standardwebhooks.com), version v1."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

PREFIX = "whsec_"
SECRET_BYTES = 32
PURPOSE = "webhook"


def new_secret() -> str:
    """A signing secret, as it is shown: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(message_id: UUID, at: datetime, body: bytes, secret_texts: Iterable[str]) -> dict[str, str]:
    """The headers of a signed request: one signature for each secret, and any of them proves it."""
    timestamp = str(int(at.timestamp()))
    signatures = [signature(secret, str(message_id), timestamp, body) for secret in secret_texts]
    return {"webhook-id": str(message_id), "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
