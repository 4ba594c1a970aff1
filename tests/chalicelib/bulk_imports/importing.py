"""An import as a recruiter makes one, and what it left."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests import records
from tests.api import ApiClient
from tests.factories import Json
from tests.house import Cloud, Database

TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def csv_of(*rows: Sequence[str]) -> bytes:
    """A CSV file of these rows."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def people(count: int, *, first: int = 0) -> bytes:
    """A CSV file of as many different people."""
    rows = [
        (f"Person {n}", f"person.{n}@example.com", f"+49 30 {2_000_000 + n}", "Berlin", "Engineer", "Python; SQL; Rust")
        for n in range(first, first + count)
    ]
    return csv_of(("Name", "E-Mail", "Phone", "City", "Job Title", "Skills"), *rows)


def upload(api: ApiClient, cloud: Cloud, content: bytes, filename: str = "people.csv") -> str:
    """A clean document of this content; its id."""
    wish = {
        "filename": filename,
        "content_type": TYPES[filename.rsplit(".", 1)[-1]],
        "size_bytes": len(content),
        "kind": "import",
    }
    announced = api.post("/api/documents", wish)
    assert announced.status == 201, announced
    assert cloud.upload(announced.json["upload"], content) in {200, 201, 204}
    cloud.drain()
    document_id: str = announced.json["id"]
    document = api.get(f"/api/documents/{document_id}").json
    assert document["status"] == "clean", document
    return document_id


def ask(api: ApiClient, document_id: str, **wish: object) -> Json:
    """The job of a new import."""
    reply = api.post("/api/imports", {"document_id": document_id, **wish})
    assert reply.status == 202, reply
    job: Json = reply.json
    return job


def imported(api: ApiClient, cloud: Cloud, content: bytes, filename: str = "people.csv", **wish: object) -> Json:
    """An import after all that follows from asking for it."""
    job = ask(api, upload(api, cloud, content, filename), **wish)
    cloud.drain()
    return get(api, job["import_id"])


def get(api: ApiClient, import_id: str) -> Json:
    found: Json = api.get(f"/api/imports/{import_id}").json
    return found


def rows_of(api: ApiClient, import_id: str, outcome: str = "") -> list[Json]:
    """What became of the rows (the first thousand); of those of one outcome when it is given."""
    chosen = f"&outcome={outcome}" if outcome else ""
    reply = api.get(f"/api/imports/{import_id}/rows?limit=1000{chosen}")
    assert reply.status == 200, reply
    items: list[Json] = reply.json["items"]
    return items


def outcomes(view: Json) -> dict[str, int]:
    """Rows by outcome, those that there are."""
    return {name: count for name, count in view["rows"].items() if count and name != "total"}


def codes(row: Json) -> list[str]:
    return [problem["code"] for problem in row["problems"]]


def candidates(database: Database, organization_id: UUID) -> list[dict[str, Any]]:
    """The living candidates, as they stand in the database."""
    statement = "select * from candidates where organization_id = cast(:id as uuid) and deleted_at is null order by id"
    return records.rows(database, statement, id=str(organization_id))


def actions(database: Database, organization_id: UUID) -> Counter[str]:
    """How often each thing happened to a candidate."""
    every = records.actions(database, organization_id)
    return Counter(action for action in every if action.startswith("candidate_"))


def resumes(count: int) -> bytes:
    """A JSON array of JSON Resumes."""
    return json.dumps([resume(n) for n in range(count)]).encode()


def resume(number: int) -> Json:
    return {
        "basics": {
            "name": f"Resume {number}",
            "email": f"resume.{number}@example.com",
            "label": "Nurse",
            "location": {"city": "Bern", "countryCode": "CH"},
        },
        "work": [{"name": "Clinic", "position": "Nurse", "startDate": "2019-04-01"}],
        "skills": [{"name": "Care", "keywords": ["Wounds"]}],
    }
