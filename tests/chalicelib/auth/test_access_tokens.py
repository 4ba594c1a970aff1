"""An access token is ours, unexpired, for this API, and of a sign-in that still stands; or it is worth nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.auth import tokens
from chalicelib.auth.keys import CURRENT, Key, KeyRing
from chalicelib.auth.tokens import BadToken, Claims
from chalicelib.clock import utc_now
from tests import factories, house, records
from tests.chalicelib.auth.accounts import login, stranger
from tests.conftest import Tenant
from tests.house import Database

SECRET = house.SETTINGS["RECRUITPRO_TOKEN_SECRET"]
OURS = Key.of(SECRET).id
Forge = Callable[[dict[str, Any]], str]


def content_of(tenant: Tenant) -> dict[str, Any]:
    """What the tenant's own token says."""
    content: dict[str, Any] = jwt.decode(tenant.api.token or "", options={"verify_signature": False})
    return content


def signed(content: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(content, secret, algorithm=algorithm, headers={"kid": OURS})


def with_head(content: dict[str, Any], head: dict[str, Any], secret: str = SECRET) -> str:
    """A token with our signature of HS256, whatever its header says."""
    parts = [json.dumps({"typ": "JWT", "alg": "HS256", **head}), json.dumps(content)]
    signed_part = ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    signature = hmac.new(secret.encode(), signed_part.encode(), hashlib.sha256).digest()
    return f"{signed_part}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def signed_by_rsa(content: dict[str, Any]) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(content, key, algorithm="RS256", headers={"kid": OURS})


def unsigned(content: dict[str, Any]) -> str:
    """A token of algorithm none."""
    parts = ({"alg": "none", "typ": "JWT", "kid": OURS}, content)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, ""])


FORGERIES: dict[str, Forge] = {
    "other secret": lambda content: signed(content, "x" * 40),
    "no algorithm": unsigned,
    "our algorithm called none": lambda content: with_head(content, {"alg": "none", "kid": OURS}),
    "our algorithm called RS256": lambda content: with_head(content, {"alg": "RS256", "kid": OURS}),
    "signed by RSA": signed_by_rsa,
    "no key named": lambda content: with_head(content, {}),
    "another key named": lambda content: with_head(content, {"kid": Key.of("x" * 40).id}),
    "another key used under our name": lambda content: with_head(content, {"kid": OURS}, "x" * 40),
    "the key brought along": lambda content: with_head(content, {"kid": "x" * 40, "jwk": {"kty": "oct"}}, "x" * 40),
    "a list of keys named": lambda content: with_head(content, {"kid": [OURS]}),
    "a path for a key": lambda content: with_head(content, {"kid": "../../dev/null"}, ""),
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


def test_a_token_names_its_key_and_says_nothing_of_it(tenant: Tenant) -> None:
    head = jwt.get_unverified_header(tenant.api.token or "")

    assert head == {"alg": "HS256", "typ": "JWT", "kid": OURS}
    assert OURS not in SECRET
    assert with_head(content_of(tenant), {"kid": OURS}).count(".") == 2


def test_a_token_of_the_previous_secret_is_let_in_and_of_the_one_before_it_is_not(
    tenant: Tenant, configure: Callable[..., None]
) -> None:
    first = tenant.api.token
    configure(token_secret="the-second-secret-0123456789-abcdef", token_secret_previous=SECRET)
    second = login(tenant.email).json["access_token"]
    assert jwt.get_unverified_header(second)["kid"] != OURS
    client = stranger()

    statuses = {}
    for secrets in (1, 2):
        for name, token in (("first", first), ("second", second)):
            client.token = token
            statuses[name, secrets] = client.get("/api/users/me").status
        configure(
            token_secret="the-third-secret-0123456789-abcdefg",
            token_secret_previous="the-second-secret-0123456789-abcdef",
        )

    assert statuses == {("first", 1): 200, ("second", 1): 200, ("first", 2): 401, ("second", 2): 200}


def test_a_cursor_outlives_a_change_of_the_secret(tenant: Tenant, configure: Callable[..., None]) -> None:
    for number in range(3):
        factories.new_project(tenant.api, name=f"Search {number}")
    cursor = tenant.api.get("/api/projects", limit=1).json["next_cursor"]

    configure(token_secret="the-second-secret-0123456789-abcdef", token_secret_previous=SECRET)
    next_page = tenant.api.get("/api/projects", limit=1, cursor=cursor)
    newer = next_page.json["next_cursor"]
    configure(
        token_secret="the-second-secret-0123456789-abcdef", token_secret_previous="another-secret-0123456789-abcdefgh"
    )
    tenant.api.token = login(tenant.email).json["access_token"]

    assert next_page.json["items"][0]["name"] == "Search 1"
    assert tenant.api.get("/api/projects", limit=1, cursor=cursor).code == "bad_cursor"
    assert tenant.api.get("/api/projects", limit=1, cursor=newer).json["items"][0]["name"] == "Search 0"


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


def test_a_token_that_was_good_a_moment_ago_is_refused_once_it_has_expired(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = content_of(tenant)
    token = signed({**content, "exp": int(time.time()) + 60})
    assert tokens.read_access_token(token) == tokens.read_access_token(token)

    monkeypatch.setattr(tokens, "time", type("Later", (), {"time": staticmethod(lambda: time.time() + 60)}))
    # The library would look at a clock of its own.
    monkeypatch.setattr(tokens, "_verified", refuse)
    with pytest.raises(BadToken):
        tokens.read_access_token(token)


def refuse(_token: str) -> Any:
    raise BadToken("read anew")


def test_a_token_is_remembered_no_longer_than_its_key_holds(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed(content_of(tenant))
    assert tokens.read_access_token(token).organization_id == tenant.id

    other = KeyRing({CURRENT: "another secret of at least 32 characters"}.get)
    monkeypatch.setattr(tokens, "key_ring", lambda: other)
    with pytest.raises(BadToken):
        tokens.read_access_token(token)


def test_a_changed_token_is_not_taken_for_the_one_that_is_remembered(tenant: Tenant) -> None:
    token = signed(content_of(tenant))
    tokens.read_access_token(token)
    for changed in (token[:-2], token + "\ud800", token.replace(".", "..", 1)):
        with pytest.raises(BadToken):
            tokens.read_access_token(changed)


def test_no_more_tokens_are_remembered_than_fit(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_REMEMBERED", 3)
    for number in range(8):
        tokens.read_access_token(signed({**content_of(tenant), "n": number}))
    assert len(tokens._genuine) <= 3
