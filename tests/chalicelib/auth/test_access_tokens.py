"""An access token is ours, unexpired, for this API, and of a sign-in that still stands; or it is worth nothing."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from chalicelib.auth import tokens
from chalicelib.auth.keys import Key
from chalicelib.auth.tokens import BadToken, Claims
from chalicelib.clock import utc_now
from tests import house, records
from tests.chalicelib.auth.accounts import login, stranger
from tests.conftest import Tenant
from tests.house import Database

SECRET = house.SETTINGS["RECRUITPRO_TOKEN_SECRET"]
Forge = Callable[[dict[str, Any]], str]


def content_of(tenant: Tenant) -> dict[str, Any]:
    """What the tenant's own token says."""
    content: dict[str, Any] = jwt.decode(tenant.api.token or "", options={"verify_signature": False})
    return content


def signed(content: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(content, secret, algorithm=algorithm, headers={"kid": Key.of(SECRET).id})


def unsigned(content: dict[str, Any]) -> str:
    """A token of algorithm none."""
    parts = ({"alg": "none", "typ": "JWT", "kid": Key.of(SECRET).id}, content)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, ""])


FORGERIES: dict[str, Forge] = {
    "other secret": lambda content: signed(content, "x" * 40),
    "no algorithm": unsigned,
    "other algorithm": lambda content: signed(content, SECRET * 2, "HS512"),
    "cursor key": lambda content: jwt.encode(content, tokens.cursor_keys()[0], algorithm="HS256"),
    "other audience": lambda content: signed({**content, "aud": "somebody-else"}),
    "several audiences": lambda content: signed({**content, "aud": ["somebody-else"]}),
    "no audience": lambda content: signed({name: value for name, value in content.items() if name != "aud"}),
    "other issuer": lambda content: signed({**content, "iss": "somebody-else"}),
    "expired": lambda content: signed({**content, "exp": int(time.time()) - 1}),
    "never expires": lambda content: signed({name: value for name, value in content.items() if name != "exp"}),
    "from tomorrow": lambda content: signed({**content, "iat": int(time.time()) + 86_400}),
    "not yet": lambda content: signed({**content, "nbf": int(time.time()) + 86_400}),
    "other kind": lambda content: signed({**content, "typ": "refresh"}),
    "no kind": lambda content: signed({name: value for name, value in content.items() if name != "typ"}),
    "no organization": lambda content: signed({name: value for name, value in content.items() if name != "org"}),
    "no sign-in": lambda content: signed({name: value for name, value in content.items() if name != "sid"}),
    "sign-in no id": lambda content: signed({**content, "sid": "1"}),
    "organization no text": lambda content: signed({**content, "org": 7}),
    "changed inside": lambda content: _with_payload(signed(content), {**content, "org": str(uuid4())}),
}


def _with_payload(token: str, content: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("="), signature])


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_token_that_is_not_ours_opens_nothing(tenant: Tenant, forge: Forge) -> None:
    client = stranger()
    client.token = forge(content_of(tenant))

    reply = client.get("/api/users/me")

    assert (reply.status, reply.code) == (401, "bad_token"), reply
    assert reply.headers["www-authenticate"] == "Bearer"


def test_the_same_content_signed_by_us_is_let_in(tenant: Tenant) -> None:
    client = stranger()
    client.token = signed(content_of(tenant))

    assert client.get("/api/users/me").status == 200


def test_a_genuine_token_of_another_organization_or_sign_in_opens_nothing(tenant: Tenant, other: Tenant) -> None:
    ours, theirs = content_of(tenant), content_of(other)
    for change in ({"org": theirs["org"]}, {"sid": theirs["sid"]}, {"sid": str(uuid4())}, {"org": str(uuid4())}):
        client = stranger()
        client.token = signed({**ours, **change})
        assert client.get("/api/users/me").status == 401, change


def test_who_acts_is_whom_the_sign_in_belongs_to(tenant: Tenant, other: Tenant) -> None:
    client = stranger()
    client.token = signed({**content_of(tenant), "sub": str(other.user_id)})

    assert client.get("/api/users/me").json["id"] == str(tenant.user_id)


def test_a_token_says_neither_role_nor_name(tenant: Tenant) -> None:
    assert set(content_of(tenant)) == {"iss", "aud", "typ", "sub", "org", "sid", "iat", "exp"}


def test_a_token_lives_as_long_as_configured(tenant: Tenant, configure: Callable[..., None]) -> None:
    configure(access_token_seconds="60")
    claims = Claims(uuid4(), uuid4(), uuid4())
    now = utc_now()

    assert tokens.read_access_token(tokens.make_access_token(claims, now)) == claims
    with pytest.raises(BadToken):
        tokens.read_access_token(tokens.make_access_token(claims, now - timedelta(seconds=61)))
    assert login(tenant.email).json["expires_in"] == 60


def test_a_sign_in_that_has_run_out_ends_its_access_tokens(tenant: Tenant, database: Database) -> None:
    records.rows(database, "update sign_ins set expires_at = now() where user_id = :id", id=tenant.user_id)

    reply = tenant.api.get("/api/users/me")

    assert (reply.status, reply.code) == (401, "unauthenticated")


def test_a_revoked_sign_in_is_out_at_once(tenant: Tenant, database: Database) -> None:
    assert tenant.api.get("/api/users/me").status == 200
    records.rows(database, "update sign_ins set revoked_at = now() where user_id = :id", id=tenant.user_id)

    assert tenant.api.get("/api/users/me").status == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_written_in_any_case(tenant: Tenant, scheme: str) -> None:
    reply = stranger().get("/api/users/me", {"Authorization": f"{scheme} {tenant.api.token}"})

    assert reply.status == 200


def test_a_token_does_not_work_from_the_query_string(tenant: Tenant) -> None:
    assert stranger().get(f"/api/users/me?access_token={tenant.api.token}").status == 401
