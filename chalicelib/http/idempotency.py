"""The same POST twice is one POST: the answer is kept with the effect, in one transaction, for 24 hours."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.errors import BadRequest, Conflict
from chalicelib.http.answers import Answer
from chalicelib.http.requests import Request

KEPT_FOR = timedelta(hours=24)
# Spaces around a header's value are not part of it.
KEY = re.compile(r"[!-~]([ -~]*[!-~])?")
LONGEST_KEY = 255
KEPT_HEADERS = ("Location", "ETag")

LOCK = sa.text("select pg_try_advisory_xact_lock(hashtextextended(:lock, 0))")
FIND = sa.text("""
    select request_hash, status, headers, body, created_at from idempotency_keys
    where organization_id = :organization_id and scope = :scope and key = :key
""")
KEEP = sa.text("""
    insert into idempotency_keys (organization_id, scope, key, request_hash, status, headers, body, created_at)
    values (:organization_id, :scope, :key, :request_hash, :status, cast(:headers as jsonb), :body, :now)
    on conflict (organization_id, scope, key) do update
    set request_hash = excluded.request_hash, status = excluded.status, headers = excluded.headers,
        body = excluded.body, created_at = excluded.created_at
""")


class BadIdempotencyKey(BadRequest):
    """The key is empty or too long."""

    code = "bad_idempotency_key"


class KeyReused(Conflict):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class InProgress(Conflict):
    """The first request with this key is still running."""

    code = "idempotency_in_progress"


@dataclass(frozen=True, slots=True)
class Key:
    """One caller's key for one request."""

    organization_id: UUID
    scope: str
    key: str
    request_hash: str


def key_of(request: Request, organization_id: UUID, user_id: UUID | None) -> Key | None:
    """The request's key, when it is a POST that carries one; raises BadIdempotencyKey. Whoever is not signed in is
    known by address, so that two strangers who chose the same key do not meet."""
    key = request.headers.get("idempotency-key")
    if request.method != "POST" or key is None:
        return None
    if not len(key) <= LONGEST_KEY or KEY.fullmatch(key) is None:
        raise BadIdempotencyKey(f"Idempotency-Key: 1 to {LONGEST_KEY} printable ASCII characters")
    scope = str(user_id or hashlib.sha256(f"address:{request.address}".encode()).hexdigest()[:32])
    material = f"{request.path}\n".encode() + request.raw_body
    return Key(organization_id, scope, key, hashlib.sha256(material).hexdigest())


def stored_answer(session: Session, key: Key, now: datetime) -> Answer | None:
    """The answer that this key has had within 24 hours, or None for the first request with it, which then holds the
    key until its transaction ends. Raises InProgress while another holds it, KeyReused when the request differs."""
    lock = f"{key.organization_id}/{key.scope}/{key.key}"
    if not session.scalar(LOCK, {"lock": lock}):
        raise InProgress("the first request with this Idempotency-Key is still running")
    parameters = {"organization_id": key.organization_id, "scope": key.scope, "key": key.key}
    row = session.execute(FIND, parameters).first()
    if row is None or row.created_at < now - KEPT_FOR:
        return None
    if row.request_hash != key.request_hash:
        raise KeyReused("this Idempotency-Key was used for another request; choose a new one")
    return Answer(row.body, row.status, {**row.headers, "Idempotency-Replayed": "true"})


def keep(session: Session, key: Key, answer: Answer, now: datetime) -> None:
    """Store the answer beside the effect."""
    values = {
        "organization_id": key.organization_id,
        "scope": key.scope,
        "key": key.key,
        "request_hash": key.request_hash,
        "status": answer.status,
        "headers": json.dumps({name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}),
        "body": answer.text(),
        "now": now,
    }
    session.execute(KEEP, values)
