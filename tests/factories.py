"""Valid objects for tests, made through the API, and a way past the application's own rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import sqlalchemy as sa

from tests import records
from tests.api import ApiClient, Reply
from tests.conftest import PASSWORD, Tenant
from tests.house import Cloud, Database

Json = dict[str, Any]
NO_ID = "01890000-0000-7000-8000-000000000000"


def _made(reply: Reply) -> Json:
    assert reply.status == 201, reply
    made: Json = reply.json
    return made


def new_project(api: ApiClient, **values: object) -> Json:
    return _made(api.post("/api/projects", {"name": "Expansion north", **values}))


def new_position(api: ApiClient, **values: object) -> Json:
    return _made(api.post("/api/positions", {"title": "Backend engineer", **values}))


def new_candidate(api: ApiClient, **values: object) -> Json:
    return _made(api.post("/api/candidates", {"name": "Grace Hopper", **values}))


def new_application(api: ApiClient, candidate: Json | None = None, position: Json | None = None) -> Json:
    """A candidate put forward for a position, both made when they are not given."""
    candidate, position = candidate or new_candidate(api), position or new_position(api)
    return _made(api.post("/api/applications", {"candidate_id": candidate["id"], "position_id": position["id"]}))


def new_api_key(api: ApiClient, *scopes: str, **values: object) -> Json:
    """A key of an organization, with the `key` itself."""
    return _made(api.post("/api/api-keys", {"name": "Job board", "scopes": scopes or ["candidates:read"], **values}))


def move(api: ApiClient, application: Json, from_stage: str, to_stage: str) -> Reply:
    wish = {"from_stage": from_stage, "to_stage": to_stage}
    return api.post(f"/api/applications/{application['id']}/move", wish)


def at_once(*acts: Callable[[], Reply]) -> list[Reply]:
    """The answers to requests that are sent in the same moment, each from a thread of its own."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


@contextmanager
def as_superuser(database: Database) -> Iterator[sa.Connection]:
    """A committed transaction that no right or policy holds back: to age rows, to set a role, to tamper."""
    with records.engine_of(database).begin() as connection:
        yield connection


def set_role(database: Database, email: str, role: str) -> None:
    """Give a user another role; it holds from their next request."""
    with as_superuser(database) as connection:
        connection.execute(
            sa.text("update users set role = :role where email = :email"), {"role": role, "email": email}
        )


def new_colleague(database: Database, tenant: Tenant, role: str = "recruiter") -> Tenant:
    """Another user of the same organization, signed in, with the password of all."""
    user_id = uuid4()
    email = f"{role}-{user_id.hex[:12]}@tenant.example"
    statement = sa.text("""
        insert into users (id, organization_id, email, name, role, password_hash, created_at, updated_at)
        select :id, organization_id, :email, 'Colleague', :role, password_hash, now(), now()
        from users where id = :admin
    """)
    with as_superuser(database) as connection:
        connection.execute(statement, {"id": user_id, "email": email, "role": role, "admin": tenant.user_id})
    api = ApiClient(address=f"198.18.{user_id.int >> 8 & 255}.{user_id.int & 255}")
    signed_in = api.post("/api/auth/login", {"email": email, "password": PASSWORD})
    assert signed_in.status == 200, signed_in
    api.token = signed_in.json["access_token"]
    return Tenant(tenant.id, user_id, email, api)


def page_through(api: ApiClient, path: str, limit: int, **query: object) -> list[Json]:
    """Every item of a list, read by its cursor."""
    items: list[Json] = []
    asked = {**query, "limit": limit}
    while True:
        page = api.get(f"{path}?{urlencode(asked)}").json
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        asked["cursor"] = page["next_cursor"]


CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain",
    "zip": "application/zip",
}


def announce(api: ApiClient, filename: str, size_bytes: int, *, kind: str = "resume", **owners: str) -> Json:
    """A document that waits for its file, with its upload form."""
    content_type = CONTENT_TYPES[filename.rsplit(".", 1)[-1].lower()]
    wish = {"filename": filename, "content_type": content_type, "size_bytes": size_bytes, "kind": kind, **owners}
    return _made(api.post("/api/documents", wish))


def upload(api: ApiClient, cloud: Cloud, filename: str, content: bytes, *, kind: str = "resume", **owners: str) -> str:
    """Announce a document and send its file; its id. Nothing has been scanned yet."""
    document = announce(api, filename, len(content), kind=kind, **owners)
    assert cloud.upload(document["upload"], content) in {200, 201, 204}
    document_id: str = document["id"]
    return document_id


def read_document(
    api: ApiClient, cloud: Cloud, filename: str, content: bytes, *, kind: str = "resume", **owners: str
) -> Json:
    """A document after everything that follows from its upload."""
    document_id = upload(api, cloud, filename, content, kind=kind, **owners)
    cloud.drain()
    document: Json = api.get(f"/api/documents/{document_id}").json
    return document


def new_outreach(api: ApiClient, application: Json | None = None, **values: object) -> Json:
    """A draft of a message about an application (made when it is not given), written in this process."""
    from chalicelib.jobs import running
    from chalicelib.jobs.models import JobKind, JobMessage
    from chalicelib.outreach.jobs import WORK

    about = {"application_id": (application or new_application(api))["id"], "template": "standard", **values}
    job = api.post("/api/outreach", about).json
    organization_id = UUID(api.get("/api/users/me").json["organization_id"])
    assert running.attempt(JobMessage(UUID(job["id"]), organization_id, JobKind.GENERATE_OUTREACH), WORK) is None
    result = api.get(f"/api/jobs/{job['id']}").json["result"]
    draft: Json = api.get(f"/api/outreach/{result['outreach_id']}").json
    return draft


def insert_document(database: Database, organization_id: UUID) -> str:
    """A document that awaits its upload; its id."""
    statement = sa.text("""
        insert into documents (id, organization_id, kind, filename, content_type, size_bytes, status, object_key,
            upload_expires_at, created_at, updated_at)
        values (gen_random_uuid(), :organization, 'resume', 'cv.pdf', 'application/pdf', 1, 'awaiting_upload', 'k',
            now(), now(), now()) returning id
    """)
    with as_superuser(database) as connection:
        return str(connection.execute(statement, {"organization": organization_id}).scalar_one())
