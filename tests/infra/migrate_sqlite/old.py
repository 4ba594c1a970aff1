"""Databases of the old RecruitPro: the sample, and ones made here in its schema."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).with_name("recruitpro-legacy.db.gz")
PASSLIB = "$pbkdf2-sha256$29000$bQ2BsPYeQ6hVyllLaS1lLA$0cvB3bMBf.O20nWybdxQhE0PfRZyLh4ZmaplG57RO6w"
"""Of `Legacy-Passw0rd-1`."""
BASE = {"created_at": "2025-03-01 09:00:00.000000", "uploaded_at": "2025-03-01 09:00:00.000000"}
DEFAULTS: dict[str, dict[str, Any]] = {
    "users": {"password_hash": PASSLIB, "name": "Uma User", "role": "recruiter"},
    "projects": {"name": "Bridge", "status": "active", "priority": "medium", "target_hires": 1, "hires_count": 0}
    | {"research_done": 0, "created_by": "admin"},
    "positions": {"project_id": "p1", "title": "Engineer", "status": "open", "openings": 1, "applicants_count": 0},
    "candidates": {"name": "Cora Candidate", "source": "manual", "status": "new", "created_by": "admin"},
    "candidate_status_history": {"old_status": "new", "changed_at": "2025-03-02 09:00:00"},
    "interviews": {"scheduled_at": "2025-03-05 09:00:00", "position_id": "o1", "mode": "video"},
    "documents": {"filename": "a.pdf", "file_url": "/storage/a.pdf", "mime_type": "application/pdf", "scope": "global"},
    "activity_feed": {"actor_type": "user", "event_type": "note", "message": "said something"},
    "screening_runs": {"position_id": "o1", "score_json": "{}"},
    "salary_benchmarks": {"title": "Nurse", "region": "EU", "currency": "EUR", "annual_min": 1, "annual_mid": 2}
    | {"annual_max": 3, "sources": "[]", "created_by": "admin"},
}
KEYS = {
    "users": "user_id",
    "projects": "project_id",
    "positions": "position_id",
    "candidates": "candidate_id",
    "candidate_status_history": "history_id",
    "interviews": "interview_id",
    "documents": "id",
    "activity_feed": "activity_id",
    "screening_runs": "screening_id",
    "salary_benchmarks": "benchmark_id",
}


def sample(folder: Path) -> Path:
    """The sample as a file of the folder."""
    path = folder / "recruitpro-legacy.db"
    with gzip.open(SAMPLE) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return path


def rows(path: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What the file itself says."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def number(path: Path, query: str) -> int:
    return int(rows(path, query)[0][0])


class Old:
    """A database in the schema of the sample, with an admin, a project and a position to begin with."""

    def __init__(self, folder: Path, *, tag: str | None = None) -> None:
        self.path = folder / "old.db"
        # Addresses sign in across organizations, so each database needs its own.
        self.tag = tag or uuid.uuid4().hex[:8]
        self.connection = sqlite3.connect(self.path)
        for (schema,) in rows(sample(folder), "select sql from sqlite_master where sql is not null"):
            self.connection.execute(schema)
        self.add("users", "admin", email=self.email("admin"), role="super_admin")
        self.add("projects", "p1")
        self.add("positions", "o1")

    def email(self, name: str) -> str:
        return f"{name}-{self.tag}@legacy.example"

    def add(self, table: str, key: str, /, **values: object) -> None:
        """One row; what is not given is harmless."""
        columns = [row[1] for row in self.connection.execute(f"pragma table_info({table})")]
        given = {KEYS.get(table, columns[0]): key, **BASE, **DEFAULTS.get(table, {}), **values}
        row = {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in given.items()}
        row = {name: value for name, value in row.items() if name in columns}
        marks = ", ".join("?" for _ in row)
        names = ", ".join(f'"{name}"' for name in row)
        self.connection.execute(f'insert into "{table}" ({names}) values ({marks})', list(row.values()))

    def person(self, key: str, /, **values: object) -> None:
        """A candidate who applied for the position."""
        self.add("candidates", key, **{"project_id": "p1", "position_id": "o1", **values})

    def closed(self) -> Path:
        self.connection.commit()
        self.connection.close()
        return self.path
