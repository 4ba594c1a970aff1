"""What the screenings of the job benchmark rate: one organization, the demo's résumés, one position."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests import house, records
from tests.api import ApiClient
from tests.factories import new_application, new_position, read_document
from tests.house import Database

PASSWORD = "correct-horse-7-staples"
EMAIL = "bench@tenant.example"
RESUMES = Path(__file__).resolve().parents[2] / "infra" / "demo" / "resumes"
POSITION = {
    "title": "Senior Backend Engineer",
    "experience_years_min": 5,
    "requirements": [
        {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
        {"id": "aws", "text": "AWS or Azure", "kind": "must", "weight": 3},
        {"id": "postgresql", "text": "PostgreSQL", "kind": "must", "weight": 4},
        {"id": "lead", "text": "Led a team", "kind": "nice", "weight": 2},
        {"id": "rust", "text": "Rust", "kind": "nice", "weight": 1},
    ],
}


PEER_TABLE = """
    create table peer_ratings (id bigint generated always as identity primary key, application_id uuid, score integer,
                               rating jsonb);
    grant insert on peer_ratings to recruitpro_app;
"""


def make(database: Database, folder: Path) -> str:
    """Upload, scan and read the résumés through the real handlers; the variable that tells contestants of it all."""
    cloud = house.build_cloud(folder)
    try:
        os.environ.update(house.settings_for(database, cloud))
        house.forget_settings()
        api = _signed_in(ApiClient())
        position = new_position(api, **POSITION)
        ids = []
        for resume in sorted(RESUMES.iterdir()):
            document = read_document(api, cloud, resume.name, resume.read_bytes())
            candidate = {"id": document["candidate_id"]}
            ids.append(new_application(api, candidate, position)["id"])
        organization = records.rows(database, "select id from organizations")[0]["id"]
        records.rows(database, PEER_TABLE)
        return json.dumps({"organization_id": str(organization), "application_ids": ids})
    finally:
        cloud.child.stop()


def _signed_in(anyone: ApiClient) -> ApiClient:
    wish = {"organization": "Benchmark", "name": "Ada Admin", "email": EMAIL, "password": PASSWORD}
    anyone.post("/api/auth/register", wish)
    answer = anyone.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    return ApiClient(answer.json["access_token"], anyone.address)
