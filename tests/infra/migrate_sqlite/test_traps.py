"""Every trap of an old database ends as a decision that is told: no crash, no silence."""

from __future__ import annotations

from typing import Any

from chalicelib.auth import passwords
from infra.migrate_sqlite import source
from infra.migrate_sqlite.legacy import KEYS
from tests.infra.migrate_sqlite.conftest import Home
from tests.infra.migrate_sqlite.old import PASSLIB, Old


def test_hashes_stay_and_words_let_nobody_in(home: Home, old: Old) -> None:
    bcrypt = "$2b$12$" + "abcdefghijklmnopqrstuu" + "v" * 31
    kept = {"bcrypt": bcrypt, "passlib": PASSLIB}
    words = {
        "locked": "LOCKED",
        "system": "SYSTEM_USER_NO_LOGIN",
        "empty": "",
        "half": PASSLIB[:-1],
        "plain": "hunter2",
    }
    dear = {"rounds": PASSLIB.replace("29000", "99999999"), "cost": bcrypt.replace("$12$", "$31$")}
    for name, stored in {**kept, **words, **dear}.items():
        old.add("users", name, email=old.email(name), password_hash=stored)

    told = home.run(old.closed())

    users = {
        row["email"].partition("-")[0]: row
        for row in home.rows("select * from users where organization_id = :organization_id")
    }
    assert {name: users[name]["password_hash"] for name in kept} == kept
    assert all(users[name]["is_active"] for name in kept)
    for name in {**words, **dear}:
        assert (users[name]["password_hash"], users[name]["is_active"]) == ("!", False)
        assert not passwords.verify({**words, **dear}[name], users[name]["password_hash"])
    assert {told.line("users", name)["decisions"][0]["code"] for name in words} == {"no_password"}
    assert {told.line("users", name)["decisions"][0]["code"] for name in dear} == {"hash_too_costly"}
    assert told.code == 0
    assert not any(stored in told.out for stored in (*kept.values(), "hunter2"))


def test_accounts_that_cannot_be_are_merged_or_refused(home: Home, old: Old, tenant: Any) -> None:
    old.add("users", "twice", email=old.email("ADMIN"), role="recruiter")
    old.add("users", "nowhere", email="not an address")
    old.add("users", "elsewhere", email=tenant.email)
    old.add("users", "owner", email=old.email("owner"), role="owner", name="Ow\x00ner\x07")
    old.add("projects", "p2", created_by="nowhere", team_members=["twice", "nobody", 7, {}])

    told = home.run(old.closed())

    assert told.code == 2
    assert told.line("users", "twice")["outcome"] == "merged"
    assert told.codes("users", "nowhere") == {("email", "email_invalid"), ("email", "email_needed")}
    assert told.codes("users", "elsewhere") == {("email", "email_taken")}
    row = home.row("users", "email = :email", email=old.email("owner"))
    assert (row["role"], row["name"]) == ("viewer", "Owner")
    assert told.codes("users", "owner") == {
        ("role", "role_unknown"),
        ("name", "character_lost"),
        ("name", "control_character"),
    }
    admin = home.row("users", "role = 'admin'")
    project = home.row(
        "projects", "created_by = :id and id in (select project_id from project_members)", id=admin["id"]
    )
    assert home.rows("select user_id from project_members where project_id = :id", id=project["id"]) == [
        {"user_id": admin["id"]}
    ]
    assert ("created_by", "maker_assumed") in told.codes("projects", "p2")
    assert ("team_members", "member_unknown") in told.codes("projects", "p2")


def test_a_database_without_an_admin_who_can_sign_in_is_refused(home: Home, old: Old) -> None:
    old.connection.execute("update users set password_hash = 'LOCKED'")

    told = home.run(old.closed())

    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("error: no admin of the old system could sign in; create the organization first")
    assert home.rows("select 1 as one from organizations where id = :organization_id") == []


def test_one_address_is_one_person_with_several_applications(home: Home, old: Old) -> None:
    old.add("positions", "o2", title="Nurse")
    day = "2025-04-0{} 09:00:00".format
    old.person("first", email="Ann@People.example", name="Ann Lee", created_at=day(1), tags=["sql"], phone="0000000001")
    old.person(
        "second",
        email="ann@people.example ",
        name="Lee, Ann",
        created_at=day(2),
        position_id="o2",
        phone="+4915112345678",
        tags=["SQL", "aws"],
    )
    old.person(
        "third", email="ann@people.example", name="Bob Ray", created_at=day(3), phone="+4915112345679", status="offer"
    )
    old.person("gone", email="ann@people.example", created_at=day(4), deleted_at=day(5))
    old.person("unmailed", email=None)
    old.person("broken", email="ann@@people", position_id=None)

    told = home.run(old.closed())

    person = home.row("candidates", "email = 'ann@people.example' and deleted_at is null")
    assert (person["name"], person["phone"], person["tags"]) == ("Ann Lee", "+4915112345678", ["aws", "sql"])
    assert person["created_at"].day == 1
    assert home.count("candidates") == 4
    stages = {
        row["stage"] for row in home.rows("select stage from applications where candidate_id = :id", id=person["id"])
    }
    assert stages == {"applied", "offer"}
    assert [told.line("candidates", key)["outcome"] for key in ("first", "second", "third")] == [
        "written",
        "written",
        "merged",
    ]
    assert ("phone", "phone_invalid") in told.codes("candidates", "first")
    assert ("name", "conflicting_name") in told.codes("candidates", "second")
    assert {
        ("name", "perhaps_two_people"),
        ("phone", "conflicting_phone"),
        ("position_id", "same_position"),
    } <= told.codes("candidates", "third")
    gone = home.row("candidates", "deleted_at is not null")
    assert (gone["email"], gone["deleted_at"].day) == ("ann@people.example", 5)
    assert told.codes("candidates", "broken") == {("email", "email_invalid"), ("project_id", "project_left")}
    kept = home.row("events", "after ->> 'legacy_id' = 'third'")["after"]["legacy"]
    assert (kept["name"], kept["phone"]) == ("Bob Ray", "+4915112345679")


def test_statuses_become_stages_and_states(home: Home, old: Old) -> None:
    ways = {
        "rejected": ["screening", "interviewing", "rejected"],
        "withdrawn": ["withdrawn"],
        "hired": ["rejected", "screening", "hired"],
        "interview": [],
        "archived": ["offer", "archived"],
        "offer": ["offer", "offer"],
    }
    for status, changes in ways.items():
        old.person(status, status=status)
        for number, change in enumerate(changes):
            when = f"2025-05-0{number + 1}T10:00:00+02:00"
            old.add(
                "candidate_status_history",
                f"{status}-{number}",
                candidate_id=status,
                new_status=change,
                changed_at=when,
            )

    told = home.run(old.closed())

    query = """
        select after ->> 'legacy_id' as key, stage, status, stages_entered, applications.id, stage_entered_at
        from events join applications on applications.id = application_id
        where events.organization_id = :organization_id and action = 'candidate_brought_over'
    """
    stood = {row["key"]: row for row in home.rows(query)}
    assert {key: (row["stage"], row["status"]) for key, row in stood.items()} == {
        "rejected": ("interview", "rejected"),
        "withdrawn": ("applied", "withdrawn"),
        "hired": ("hired", "active"),
        "interview": ("interview", "active"),
        "archived": ("offer", "active"),
        "offer": ("offer", "active"),
    }
    assert stood["rejected"]["stages_entered"] == ["applied", "screen", "interview"]
    assert stood["hired"]["stage_entered_at"].isoformat() == "2025-05-03T08:00:00+00:00"
    steps = home.rows(
        "select kind, from_stage, to_stage, entered_at is not null as ended from stage_changes"
        " where application_id = :id order by changed_at, id",
        id=stood["hired"]["id"],
    )
    kinds = [(row["kind"], row["from_stage"], row["to_stage"]) for row in steps]
    assert sorted(kinds[2:4]) == [("moved", "applied", "screen"), ("reopened", None, "applied")]
    assert [kinds[0], kinds[1], kinds[4]] == [
        ("applied", None, "applied"),
        ("rejected", "applied", None),
        ("moved", "screen", "hired"),
    ]
    assert all(row["ended"] for row in steps if row["kind"] in {"moved", "rejected"})
    assert {("status", "status_other_word"), ("status", "status_without_history")} <= told.codes(
        "candidates", "interview"
    )
    assert ("status", "status_unknown") in told.codes("candidates", "archived")
    assert home.count("candidates", "'status:archived' = any(tags)") == 1
    assert told.line("candidate_status_history", "archived-1")["outcome"] == "history"
    assert told.codes("candidate_status_history", "offer-1") == {
        ("changed_at", "time_zoned"),
        ("new_status", "nothing_changed"),
    }


def test_values_that_cannot_be_are_dropped_one_by_one(home: Home, old: Old) -> None:
    old.person(
        "odd",
        name="Zo\u0007ë\u202e  Sil\x00va",
        rating=9,
        tags='["a", "a", {}, 3',
        source="x" * 300,
        created_at="yesterday",
        ai_score="{",
    )
    old.person(
        "long", name="y" * 500, rating="4", tags=["b", "B", "", None, {"x": 1}], email=f"{'z' * 300}@long.example"
    )
    old.person("lost", project_id="p0", position_id="o0", created_by="u0", status="offer")
    old.person("blank", name=" ", created_at="2025-06-01T12:00:00+02:00", rating=2.5)
    old.connection.execute(
        "update candidates set name = cast(x'41FF42' as text), source = x'00' where candidate_id = 'lost'"
    )
    old.add(
        "positions",
        "o3",
        project_id="p0",
        experience="5+ years",
        openings=0,
        status="paused",
        requirements=["R", "Python", ["x"]],
        qualifications="{",
        description="w" * 30_000,
    )
    old.add("positions", "o4", experience="Senior", responsibilities=["Lead"], title="", location="Köln")
    old.add("projects", "p3", status="on-hold", priority="asap", target_hires=-3, department="R&D", tags="no json")

    told = home.run(old.closed())

    people = {
        row["name"]: row for row in home.rows("select * from candidates where organization_id = :organization_id")
    }
    assert set(people) == {"Zoë Silva", "y" * 200, "AB", "Candidate without a name"}
    assert people["y" * 200]["tags"] == ["b", "rating:4"]
    assert people["Zoë Silva"]["created_at"].isoformat() == "2025-06-01T10:00:00+00:00"
    assert people["Candidate without a name"]["created_at"].isoformat() == "2025-06-01T10:00:00+00:00"
    odd = {
        ("name", "control_character"),
        ("name", "character_lost"),
        ("rating", "out_of_range"),
        ("tags", "json_broken"),
    }
    odd |= {
        ("source", "too_long"),
        ("created_at", "time_unreadable"),
        ("created_at", "time_assumed"),
        ("ai_score", "json_broken"),
    }
    assert odd <= told.codes("candidates", "odd")
    assert {("email", "email_invalid"), ("tags", "not_text"), ("name", "too_long")} == told.codes("candidates", "long")
    assert {
        ("position_id", "reference_orphaned"),
        ("project_id", "reference_orphaned"),
        ("source", "not_text"),
    } <= told.codes("candidates", "lost")
    assert {("name", "name_missing"), ("created_at", "time_zoned"), ("rating", "out_of_range")} == told.codes(
        "candidates", "blank"
    )
    row = home.row("positions", "experience_years_min = 5")
    assert (row["project_id"], row["openings"], row["status"], len(row["description"])) == (None, 1, "draft", 20_000)
    assert [each["text"] for each in row["requirements"]] == ["Python"]
    senior = home.row("positions", "location = 'Köln'")
    assert senior["description"] == "Experience:\n- Senior\n\nResponsibilities:\n- Lead"
    project = home.row("projects", "status = 'on_hold'")
    assert (project["priority"], project["target_hires"], project["tags"]) == ("medium", None, [])
    assert told.code == 0


def test_what_is_about_nobody_or_cannot_be_is_told(home: Home, old: Old) -> None:
    old.person("c1")
    old.add(
        "interviews",
        "kept",
        candidate_id="c1",
        mode="phone call",
        feedback="good",
        notes="bring shoes",
        location="https://meet.example/x",
    )
    old.add("interviews", "planned", candidate_id="c1", scheduled_at="2026-12-01 10:00:00", location="Office")
    old.add("interviews", "ghost", candidate_id="c0")
    old.add("interviews", "elsewhere", candidate_id="c1", position_id="o0")
    old.add("interviews", "whenever", candidate_id="c1", scheduled_at="soon")
    old.add("candidate_status_history", "ghost", candidate_id="c0", new_status="offer")
    old.add("candidate_status_history", "whenever", candidate_id="c1", new_status="offer", changed_at="soon")
    old.add("screening_runs", "s1", candidate_id="c1", score_json='{"match_score": 1e999}', notes="n" * 30_000)
    old.add("screening_runs", "s0", candidate_id="c0")
    old.add("salary_benchmarks", "b1")
    old.add("activity_feed", "a1", candidate_id="c1", actor_id="admin", created_at="2025-01-01 00:00:00")
    old.add(
        "activity_feed",
        "a0",
        candidate_id=None,
        event_type="candidate_deleted",
        message="Candidate Gone Person deleted",
    )
    old.add("activity_feed", "a2", candidate_id=None, project_id="p0", actor_id="nobody")
    old.add("documents", "d1", scope="candidate", scope_id="c1")
    old.add("documents", "d2", scope="project", scope_id="p1")
    old.add("integration_credentials", "smartrecruiters", value_encrypted="gAAAAA-secret", updated_at="2025-01-01")

    told = home.run(old.closed())

    outcomes = {(line["table"], line["id"]): line["outcome"] for line in told.lines}
    refused = {key for key, outcome in outcomes.items() if outcome == "refused"}
    assert refused == {
        *(("interviews", "ghost"), ("candidate_status_history", "ghost"), ("candidate_status_history", "whenever")),
        *(("screening_runs", "s0"), ("activity_feed", "a0")),
    }
    assert told.code == 2
    assert outcomes[("integration_credentials", "smartrecruiters")] == "left"
    held, planned = home.row("interviews", "status = 'completed'"), home.row("interviews", "status = 'scheduled'")
    assert (held["status"], held["notes"], held["video_link"]) == (
        "completed",
        "bring shoes\n\nFeedback:\ngood",
        "https://meet.example/x",
    )
    assert ("mode", "kind_assumed") in told.codes("interviews", "kept")
    assert (planned["starts_at"].isoformat(), planned["time_zone"]) == ("2026-12-01T10:00:00+00:00", "UTC")
    assert {outcomes[("interviews", key)] for key in ("elsewhere", "whenever")} == {"history"}
    said = home.row("events", "action = 'legacy_activity' and candidate_id is not null")
    assert (said["occurred_at"].year, said["actor_kind"], said["after"]["legacy"]["message"]) == (
        2025,
        "user",
        "said something",
    )
    assert home.row("events", "action = 'legacy_screening'")["application_id"] is not None
    assert home.count("events", "action = 'legacy_document' and candidate_id is not null") == 1
    assert home.count("documents") == home.count("screenings") == home.count("salary_data") == 0
    assert home.count("events", "after::text like '%gAAAAA%' or after::text like '%Gone Person%'") == 0


def test_tables_that_are_missing_or_unknown_are_named(home: Home, old: Old) -> None:
    old.connection.execute("drop table activity_feed")
    old.connection.execute("create table favourites (id integer)")
    old.connection.execute("insert into favourites values (1), (2)")

    told = home.run(old.closed())

    assert told.code == 0
    assert "favourites: 2 rows of a table nobody knows" in told.out
    assert "not in this file: activity_feed" in told.out


def test_an_organization_that_is_there_takes_the_rows_in(database: Any, tenant: Any, old: Old, home: Home) -> None:
    known = tenant.api.post("/api/candidates", {"name": "Known Here", "email": "known@people.example"}).json
    old.connection.execute("update users set password_hash = 'LOCKED', email = ?", [tenant.email.upper()])
    old.person("known", email="Known@people.example", name="Another Name")
    [row] = home.rows("select name from organizations where id = :id", id=tenant.id)
    file = old.closed()

    told, again = (home.run(file, "--organization", row["name"]) for _ in range(2))

    assert (told.code, again.code) == (0, 0)
    assert told.codes("users", "admin") == {("email", "same_address")}
    assert ("email", "known_here") in told.codes("candidates", "known")
    shown = tenant.api.get("/api/candidates").json["items"]
    assert [(item["id"], item["name"]) for item in shown] == [(known["id"], "Known Here")]
    assert [item["candidate_id"] for item in tenant.api.get("/api/applications").json["items"]] == [known["id"]]


def test_whoever_was_erased_meanwhile_does_not_come_back(home: Home, old: Old) -> None:
    old.person("c1", email=old.email("person"))
    file = old.closed()
    home.run(file)
    for table in ("stage_changes", "applications", "candidates"):
        home.rows(f"delete from {table} where organization_id = :organization_id")

    again = home.run(file)

    assert (again.code, home.count("candidates"), home.count("applications")) == (0, 0, 0)


def test_a_webhook_for_everything_is_not_told_of_every_row(tenant: Any, home: Home, old: Old) -> None:
    [row] = home.rows("select name from organizations where id = :id", id=tenant.id)
    insert = """
        insert into webhooks (id, organization_id, url, events, created_at, updated_at)
        values (gen_random_uuid(), :id, 'https://hooks.example/x', '{*}', now(), now())
    """
    home.rows(insert, id=tenant.id)

    told = home.run(old.closed(), "--organization", row["name"])

    assert told.code == 1
    assert told.err == "error: a webhook listens to everything and would be told of every row: disable it meanwhile\n"


def test_each_row_of_a_nasty_database_is_accounted_for_once(home: Home, old: Old) -> None:
    for table in KEYS:
        if table not in {"users", "projects", "positions"}:
            columns = [row[1] for row in old.connection.execute(f"pragma table_info({table})")]
            for number in range(3):
                values: dict[str, Any] = {name: f"\x00{name} {number} \u202e[{{" for name in columns}
                old.add(table, f"{table}-{number}", **{**values, KEYS[table]: f"{table}-{number}"})
    file = old.closed()

    told = home.run(file)

    assert told.code == 2, told.err
    rows = [(table, str(row[KEYS[table]])) for table, all_rows in source.read(file).tables.items() for row in all_rows]
    lines = [(line["table"], line["id"]) for line in told.lines]
    nasty = [each for each in rows if each[0] not in {"users", "projects", "positions"}]
    assert sorted(lines) == sorted(nasty)
