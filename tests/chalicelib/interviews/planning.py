"""Interviews for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from chalicelib.clock import utc_now
from tests import records
from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import Json, new_application, new_candidate, new_position
from tests.house import Database

ALL = "/api/interviews"
REQUIREMENTS = [{"text": "Python", "kind": "must"}, {"text": "Patience", "kind": "nice"}]


def one(interview: Json) -> str:
    return f"{ALL}/{interview['id']}"


def colleague(database: Database, tenant: Tenant, *, is_active: bool = True) -> str:
    """Another user of the organization; their id."""
    statement = """
        insert into users (id, organization_id, email, name, role, password_hash, is_active, created_at, updated_at)
        values (cast(:id as uuid), :organization, :email, 'Barbara, "Bee"', 'recruiter', 'x', :is_active, now(), now())
    """
    user_id = str(uuid4())
    values = {"organization": tenant.id, "email": f"{user_id}@tenant.example", "is_active": is_active}
    records.rows(database, statement, id=user_id, **values)
    return user_id


def an_application(api: ApiClient, **candidate: Any) -> Json:
    position = new_position(api, requirements=REQUIREMENTS)
    return new_application(api, new_candidate(api, **candidate), position)


def wish(tenant: Tenant, application: Json, **values: Any) -> Json:
    """An interview of the admin's at nine in Berlin, on a summer day to come."""
    wanted: Json = {
        "application_id": application["id"],
        "starts_at": "2030-07-01T09:00:00",
        "time_zone": "Europe/Berlin",
        "kind": "video",
        "interviewer_ids": [str(tenant.user_id)],
    }
    return wanted | values


def plan(tenant: Tenant, application: Json | None = None, **values: Any) -> Reply:
    return tenant.api.post(ALL, wish(tenant, application or an_application(tenant.api), **values))


def planned(tenant: Tenant, application: Json | None = None, **values: Any) -> Json:
    reply = plan(tenant, application, **values)
    assert reply.status == 201, reply
    interview: Json = reply.json
    return interview


def begun(tenant: Tenant, application: Json | None = None, **values: Any) -> Json:
    """An interview that began a minute ago."""
    return planned(tenant, application, starts_at=(utc_now() - timedelta(minutes=1)).isoformat(), **values)
