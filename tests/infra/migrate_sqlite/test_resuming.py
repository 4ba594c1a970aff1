"""Killed wherever it is, the migration goes on where it was and ends as if nothing had happened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import house, records
from tests.house import Database
from tests.infra.migrate_sqlite.old import Old

ROOT = Path(__file__).parents[3]
TABLES = (
    *("users", "projects", "positions", "candidates", "candidate_status_history", "interviews", "documents"),
    *("screening_runs", "salary_benchmarks", "activity_feed"),
)
# Salts and what is made of them differ from run to run, and so does when it was.
OF_A_RUN = "'{salt,digests,body_hash,previous_hash,hash,sequence,occurred_at}'::text[]"
OF_FOUNDING = "- '{created_at,updated_at}'::text[]"


def filled(old: Old) -> Path:
    for number in range(20):
        key = f"c{number}"
        old.add("users", f"u{number}", email=old.email(f"u{number}"))
        old.person(key, email=f"person{number % 15}@people.example", name=f"Person {number}", status="offer")
        old.add("candidate_status_history", key, candidate_id=key, new_status="offer")
        old.add("interviews", key, candidate_id=key)
        old.add("screening_runs", key, candidate_id=key)
        for table in ("documents", "salary_benchmarks", "activity_feed", "projects", "positions"):
            old.add(table, f"{table}{number}", **({"title": f"Job {number}"} if table == "positions" else {}))
    return old.closed()


def everything(database: Database, name: str) -> dict[str, list[Any]]:
    """All that the migration wrote into an organization, as it is stored."""
    mine = "organization_id = (select id from organizations where name = :name)"
    tables = ("users", "projects", "project_members", "positions", "candidates", "applications", "stage_changes")
    found = {
        table: records.rows(database, f"select to_jsonb(t) as row from {table} as t where {mine} order by 1", name=name)
        for table in (*tables, "interviews", "candidate_labels")
    }
    query = f"select to_jsonb(t) - {OF_A_RUN} as row from events as t where {mine} and action <> 'organization_founded'"
    found["events"] = records.rows(database, f"{query} order by id", name=name)
    query = f"select to_jsonb(t) {OF_FOUNDING} as row from organizations as t where name = :name"
    found["organizations"] = records.rows(database, query, name=name)
    return found


def test_killed_at_each_table_it_ends_as_if_it_had_not_been(database: Database, old: Old) -> None:
    file, name = filled(old), f"Killed {old.tag}"
    whole = house.build_database(database.server, f"whole_{old.tag}")
    arguments = ["--sqlite", str(file), "--organization", name]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RECRUITPRO_")}

    def run(url: str, *command: str) -> str:
        told = {**environment, "RECRUITPRO_DATABASE_URL": url}
        ran = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=told, capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
        return ran.stdout

    killed = run(database.app_url, "tests.infra.migrate_sqlite.killed", ",".join(TABLES), *arguments)
    run(whole.app_url, "infra.migrate_sqlite", *arguments)

    assert f"killed {2 * len(TABLES) + 1}" in killed.splitlines()
    assert everything(database, name) == everything(whole, name)
    sequences = "select sequence from events where organization_id = (select id from organizations where name = :name)"
    numbers = [row["sequence"] for row in records.rows(database, f"{sequences} order by 1", name=name)]
    assert numbers == list(range(1, len(numbers) + 1))
