"""Every call of the API by everybody who might try it: the document says who may, and nobody else gets further."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api_keys.scopes import Scope
from chalicelib.auth import tokens
from chalicelib.clock import utc_now
from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import Json, new_api_key, new_colleague
from tests.house import Cloud, Database
from tests.journeys.test_other_organizations import everything_of, rows_of

ROLES = ("public", "viewer", "recruiter", "admin")
# A body that no call takes: whoever may make the call is told so, and nothing happens.
NONSENSE = {"no_such_field": 1}
# What ends the caller's own sign-in or changes who they are would take the matrix apart; each has tests of its own.
OF_ONESELF = {"logout", "end_my_sign_in"}
NOT_LET_IN = {"unauthenticated", "bad_token", "bad_api_key"}
NOT_ALLOWED = {"role_not_sufficient", "not_for_api_keys", "scope_missing"}


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who tries every call: what the document would have to say for them to be let in."""

    name: str
    api: ApiClient
    role: str | None = None
    scope: str | None = None
    is_foreign: bool = False

    def may(self, operation: Json) -> bool:
        if operation["x-role"] == "public":
            return True
        if self.scope is not None:
            return {"api_key": [self.scope]} in operation["security"]
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(operation["x-role"])


@dataclass(slots=True)
class Findings:
    """Where the API and its document disagree."""

    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    def note(self, asker: Asker, call: str, reply: Reply, expected: str) -> None:
        code = reply.json.get("code") if reply.status >= 400 else None
        self.wrong.append(f"{asker.name}: {call} answered {reply.status} {code}, expected {expected}")


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Every call: its method, path and description."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield method.upper(), path, operation


def expired(tenant: Tenant) -> str:
    """A genuine access token of an hour ago."""
    claims = tokens.read_access_token(tenant.api.token or "")
    return tokens.make_access_token(claims, utc_now() - timedelta(hours=1))


def askers_of(tenant: Tenant, other: Tenant, database: Database) -> list[Asker]:
    roles = {role: new_colleague(database, tenant, role).api for role in ROLES[1:]}
    keys = {str(scope): new_api_key(tenant.api, str(scope))["key"] for scope in Scope}
    return [
        Asker("nobody", ApiClient()),
        Asker("somebody with an expired token", ApiClient(expired(tenant))),
        Asker("somebody with half a token", ApiClient((tenant.api.token or "")[:-4])),
        Asker("somebody with a key that never was", ApiClient("rp_" + "x" * 60)),
        *(Asker(f"a {role}", api, role=role) for role, api in roles.items()),
        *(Asker(f"a key for {scope}", ApiClient(key), scope=scope) for scope, key in keys.items()),
        Asker("another organization's admin", other.api, role="admin", is_foreign=True),
    ]


def judge(findings: Findings, asker: Asker, method: str, path: str, operation: Json, ids: dict[str, str]) -> None:
    """Make one call as one asker, and compare the answer with what the document says."""
    call, has_body = f"{method} {path}", "requestBody" in operation
    reply = asker.api.call(method, path.format_map(ids), NONSENSE if has_body else None)
    findings.asked += 1
    code = reply.json.get("code") if reply.status >= 400 else None
    if not asker.may(operation):
        is_known = asker.role is not None or asker.scope is not None
        codes, status = (NOT_ALLOWED, 403) if is_known else (NOT_LET_IN, 401)
        if reply.status != status or code not in codes:
            findings.note(asker, call, reply, f"{status} with one of {sorted(codes)}")
    elif has_body and operation["x-role"] != "public":
        if reply.status != 422:
            findings.note(asker, call, reply, "422, the body being nonsense")
    elif "{" in path and asker.is_foreign:
        if reply.status != 404:
            findings.note(asker, call, reply, "404, as for an id that never was")
    elif reply.status in {401, 403} or reply.status >= 500:
        findings.note(asker, call, reply, "to be let in")


@pytest.mark.timeout(300)
def test_everybody_gets_as_far_as_the_document_says_and_no_further(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database, configure: Any
) -> None:
    configure(rate_limit_enabled="false")
    ids, foreign_ids = everything_of(tenant, cloud, database), everything_of(other, cloud, database)
    document = tenant.api.get("/api/openapi.json").json
    askers = askers_of(tenant, other, database)
    findings = Findings()
    refused = [asker for asker in askers if asker.role is None and asker.scope is None]

    # First those who get nowhere, then each according to their might: what they may do is done to their own.
    for asker in [*refused, *(asker for asker in askers if asker.is_foreign)]:
        before = rows_of(database, tenant.id)
        for method, path, operation in operations(document):
            if operation["operationId"] not in OF_ONESELF and (operation["x-role"] != "public" or "{" in path):
                judge(findings, asker, method, path, operation, ids)
        assert rows_of(database, tenant.id) == before, asker.name
    foreign_before = rows_of(database, other.id)
    for asker in [asker for asker in askers if asker not in refused and not asker.is_foreign]:
        for method, path, operation in operations(document):
            if operation["operationId"] not in OF_ONESELF:
                judge(findings, asker, method, path, operation, ids)
                if not asker.may(operation):
                    judge(findings, asker, method, path, operation, foreign_ids)

    assert findings.wrong == [], "\n".join(findings.wrong)
    assert findings.asked > 2000
    assert rows_of(database, other.id) == foreign_before
