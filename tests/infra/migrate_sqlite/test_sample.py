"""The sample of the old database comes over whole: counted by other SQL on both sides, and used by the real API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib import db
from chalicelib.events.verification import verify
from infra.migrate_sqlite import source
from infra.migrate_sqlite.legacy import KEYS, LEFT_BEHIND
from tests import records
from tests.api import ApiClient
from tests.house import Database
from tests.infra.migrate_sqlite import old
from tests.infra.migrate_sqlite.conftest import Home, Ran, new_home

STAGES = {"new": "applied", "screening": "screen", "interviewing": "interview", "offer": "offer", "hired": "hired"}
# Tests of this file sign in and change something, which leaves events as well.
BY_MIGRATION = "(action in ('organization_founded') or action like '%brought_over' or action like 'legacy%')"


@dataclass(frozen=True, slots=True)
class Migrated:
    """The sample, brought over once for all tests of this file."""

    sample: Path
    home: Home
    dry: Ran
    """The dry run before it, and whether there was the organization after that."""
    wrote_when_dry: bool
    ran: Ran


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory, database_of_worker: Database) -> Migrated:
    folder = tmp_path_factory.mktemp("sample")
    file, home = old.sample(folder), new_home(database_of_worker, folder)
    events = "select count(*) as n from events"
    before = records.rows(database_of_worker, events)
    dry = home.run(file, "--dry-run")
    wrote = (
        records.rows(database_of_worker, events) != before
        or home.rows("select id from organizations where id = :organization_id") != []
    )
    return Migrated(file, home, dry, wrote, home.run(file))


def login(email: str, password: str) -> ApiClient:
    answer = ApiClient(address="10.99.0.1").post("/api/auth/login", {"email": email, "password": password})
    assert answer.status == 200, answer
    return ApiClient(answer.json["access_token"])


def test_every_row_of_the_sample_comes_over(migrated: Migrated) -> None:
    home, sample = migrated.home, migrated.sample
    told = migrated.ran

    assert (told.code, told.err) == (0, "")
    one = "select count(*) from "
    people = old.number(sample, f"{one}(select distinct lower(email) from candidates where email is not null)")
    people += old.number(sample, f"{one}candidates where email is null")
    pairs = "select distinct coalesce(lower(email), candidate_id), position_id from candidates"
    applications = old.number(sample, f"{one}({pairs} where position_id is not null)")
    for table in ("users", "projects", "positions", "interviews"):
        assert home.count(table) == old.number(sample, f"{one}{table}"), table
    assert (home.count("candidates"), home.count("applications")) == (people, applications) == (569, 569)
    assert home.count("candidates", "deleted_at is not null") == old.number(
        sample, f"{one}candidates where deleted_at is not null"
    )
    assert home.count("project_members") == 24
    assert home.count("stage_changes", "kind = 'applied'") == applications
    assert home.count("stage_changes", "kind <> 'applied'") == 483
    assert {home.count(each) for each in ("documents", "screenings", "salary_data", "jobs", "outreach")} == {0}
    assert home.count("events", BY_MIGRATION) == 1 + sum(
        old.number(sample, one + each) for each in KEYS if each not in LEFT_BEHIND
    )


def test_statuses_times_and_names_are_those_of_the_old_rows(migrated: Migrated) -> None:
    home, sample = migrated.home, migrated.sample
    once = "lower(email) in (select lower(email) from candidates group by 1 having count(*) = 1)"
    alone = f"position_id is not null and {once}"
    rows = old.rows(
        sample,
        f"select candidate_id, name, email, status, source, created_at, deleted_at from candidates where {alone}",
    )
    query = """
        select candidates.name, candidates.email, candidates.created_at, candidates.deleted_at is null as lives,
            applications.stage, applications.status, applications.source
        from events join candidates on candidates.id = events.candidate_id
        join applications on applications.id = events.application_id
        where events.organization_id = :organization_id and action = 'candidate_brought_over'
          and after ->> 'legacy_id' = any(:ids)
        order by after ->> 'legacy_id'
    """
    found = home.rows(query, ids=[row[0] for row in rows])
    assert len(found) == len(rows) > 400
    for (_, name, email, status, origin, made, gone), row in zip(sorted(rows), found, strict=True):
        assert (row["name"], row["email"], row["source"]) == (name, email, origin)
        assert row["created_at"].isoformat(" ").removesuffix("+00:00") == made.removesuffix(".000000")
        assert row["lives"] is (gone is None)
        meant = (STAGES.get(status, "applied"), status if status in {"rejected", "withdrawn"} else "active")
        assert (row["stage"], row["status"]) == meant


def test_who_signed_in_before_signs_in_now_and_gets_a_better_hash(migrated: Migrated) -> None:
    home = migrated.home
    # Nobody else may have signed in as them before: the first user is the one of other tests.
    for number, role in ((2, "recruiter"), (3, "recruiter")):
        email = f"user{number}@legacy.example"
        before = home.row("users", "email = :email", email=email)["password_hash"]
        api = login(email, f"Legacy-Passw0rd-{number}")
        after = home.row("users", "email = :email", email=email)["password_hash"]
        assert (before[:15], after[:9]) == ("$pbkdf2-sha256$", "$argon2id")
        assert api.get("/api/users/me").json["role"] == role
        login(email, f"Legacy-Passw0rd-{number}")
    for email in ("owner@legacy.example", "system@recruitpro.internal"):
        row = home.row("users", "email = :email", email=email)
        assert (row["is_active"], row["password_hash"]) == (False, "!")
        for number, password in enumerate(("LOCKED", "SYSTEM_USER_NO_LOGIN", "!")):
            anyone = ApiClient(address=f"10.98.{len(email)}.{number}")
            answer = anyone.post("/api/auth/login", {"email": email, "password": password})
            assert answer.status == 401


def test_candidates_are_found_and_reports_count(migrated: Migrated) -> None:
    home, sample = migrated.home, migrated.sample
    api = login("user1@legacy.example", "Legacy-Passw0rd-1")
    assert api.get("/api/users/me").json["role"] == "admin"
    living = "deleted_at is null and "

    spelled = api.get("/api/candidates/search?q=lukasz%20chen&limit=100").json["items"]
    tagged = api.get("/api/candidates?tag=docker&limit=1000").json["items"]

    assert {item["name"] for item in spelled} == {"Łukasz Chen"}
    same_address = "lower(email) in (select lower(email) from candidates group by 1 having count(*) > 1)"
    tags = old.rows(sample, f"select candidate_id from candidates where {living} tags like '%\"docker\"%'")
    shared = old.rows(
        sample, f"select candidate_id from candidates where {living} tags like '%\"docker\"%' and {same_address}"
    )
    assert len(tags) - len(shared) <= len(tagged) <= len(tags)
    hired = old.number(
        sample, f"select count(*) from candidates where {living} status = 'hired' and position_id is not null"
    )
    funnel = api.get("/api/reports/funnel?from=2023-01-01&to=2027-01-01")
    assert funnel.status == 200, funnel
    assert next(each for each in funnel.json["stages"] if each["stage"] == "applied")["entered"] == home.count(
        "applications"
    )
    deleted = "candidates.deleted_at is null and applications.stage = 'hired'"
    query = f"""
        select count(*) as n from applications join candidates on candidates.id = applications.candidate_id
        where applications.organization_id = :organization_id and {deleted}
    """
    assert home.rows(query)[0]["n"] == hired
    history = api.get(f"/api/events?candidate_id={spelled[0]['id']}").json["items"]
    assert "candidate_brought_over" in {event["action"] for event in history}


def test_a_second_run_changes_nothing_and_what_recruiters_did_stays(migrated: Migrated) -> None:
    home, sample = migrated.home, migrated.sample
    api = login("user1@legacy.example", "Legacy-Passw0rd-1")
    candidate = api.get("/api/candidates?limit=1").json["items"][0]
    shown = api.get(f"/api/candidates/{candidate['id']}")
    changed = api.patch(
        f"/api/candidates/{candidate['id']}", {"name": "Somebody Else"}, headers={"If-Match": shown.headers["etag"]}
    )
    assert changed.status == 200, changed
    before = _everything(home)

    again = home.run(sample)

    assert again.code == 0
    assert _everything(home) == before
    shown = api.get(f"/api/candidates/{candidate['id']}")
    assert shown.json["name"] == "Somebody Else"
    # As the other tests of this file expect it.
    back = {"name": candidate["name"]}
    assert api.patch(f"/api/candidates/{candidate['id']}", back, {"If-Match": shown.headers["etag"]}).status == 200


def test_a_dry_run_tells_the_same_and_writes_nothing(migrated: Migrated) -> None:
    assert (migrated.dry.code, migrated.wrote_when_dry) == (0, False)
    assert migrated.dry.lines == migrated.ran.lines
    told = migrated.dry.out.splitlines()[1:]
    assert migrated.ran.out.splitlines()[1 : len(told) + 1] == told


def test_each_row_is_accounted_for_once(migrated: Migrated) -> None:
    home, sample = migrated.home, migrated.sample
    told = migrated.ran

    rows = {
        (table, str(row[KEYS[table]])) for table, all_rows in source.read(sample).tables.items() for row in all_rows
    }
    lines = [(line["table"], line["id"]) for line in told.lines]
    assert len(lines) == len(set(lines))
    assert set(lines) <= rows
    as_it_was = {("user_brought_over", 5), ("project_brought_over", 12), ("position_brought_over", 48)}
    as_it_was |= {("candidate_brought_over", 600), ("interview_brought_over", 113), ("legacy_screening", 202)}
    as_it_was |= {("stage_change_brought_over", 483), ("legacy_status_change", 23), ("legacy_document", 30)}
    as_it_was |= {("legacy_salary_benchmark", 20), ("legacy_activity", 182), ("organization_founded", 1)}
    query = f"select action, count(*) as n from events where organization_id = :organization_id and {BY_MIGRATION}"
    assert {(row["action"], row["n"]) for row in home.rows(f"{query} group by action")} == as_it_was


def test_the_chain_of_events_holds(migrated: Migrated) -> None:
    home = migrated.home
    [row] = home.rows("select id from organizations where id = :organization_id")
    with db.transaction(row["id"], db.Role.AUDITOR) as session:
        verdict = verify(session, row["id"])
    assert verdict.broken is None
    assert verdict.verified == home.count("events")


def _everything(home: Home) -> dict[str, list[str]]:
    """Every row of every table that the migration writes to."""
    tables: Callable[[str], list[str]] = lambda table: [  # noqa: E731
        row["row"]
        for row in home.rows(
            f"select to_jsonb(t)::text as row from {table} as t where organization_id = :organization_id order by 1"
        )
    ]
    names = ("users", "projects", "project_members", "positions", "candidates", "candidate_labels", "applications")
    return {name: tables(name) for name in (*names, "stage_changes", "interviews", "events", "event_heads")}
