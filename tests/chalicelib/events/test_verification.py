"""A chain of events verifies while nobody touches it, and names the first event that somebody did touch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.events import chain, erasing
from chalicelib.events.models import canonical
from chalicelib.events.verification import Anchor, Broken, Verdict, Wrong, verify
from tests import records
from tests.chalicelib.events.chain import head_of, rows_of
from tests.conftest import Tenant
from tests.factories import as_superuser, insert_document, new_application, new_candidate, new_project, set_role
from tests.house import Database

KINDS = """
    select column_name as name, data_type as kind from information_schema.columns where table_name = 'events'
    order by ordinal_position
"""
# Another value of each type, whatever stood there before.
OTHERWISE = {
    "uuid": "gen_random_uuid()",
    "bigint": "{name} + 1000",
    "timestamp with time zone": "coalesce({name}, now()) + interval '1 microsecond'",
    "text": "coalesce({name}, '') || 'x'",
    "jsonb": "coalesce({name}, '{{}}') || '{{\"x\": 1}}'",
    "bytea": "sha256(coalesce({name}, ''))",
}


def verdict(tenant: Tenant, **options: Any) -> Verdict:
    with db.transaction(tenant.id, Role.AUDITOR) as session:
        return verify(session, tenant.id, **options)


def broken(tenant: Tenant, **options: Any) -> Broken | None:
    return verdict(tenant, **options).broken


@pytest.fixture
def tamper(tenant: Tenant, database: Database) -> Callable[[str], None]:
    """Changes events past every right, trigger and constraint."""

    def act(statement: str) -> None:
        with as_superuser(database) as connection:
            connection.execute(sa.text("set local session_replication_role = replica"))
            connection.execute(sa.text(statement.replace(":", "\\:").replace("\\:id", ":id")), {"id": tenant.id})

    return act


def lived(tenant: Tenant) -> int:
    """Some events of different shapes; how many there are."""
    new_candidate(tenant.api, name="李 \u202e小", skills=["a"], experience=[{"title": "Lead"}])
    candidate = new_candidate(tenant.api, name="Ada")
    tenant.api.patch(f"/api/candidates/{candidate['id']}", {"name": "Grace"})
    tenant.api.delete(f"/api/candidates/{candidate['id']}")
    new_application(tenant.api)
    return verdict(tenant).verified


def test_a_chain_that_nobody_touched_verifies_in_pages_of_any_size(tenant: Tenant, database: Database) -> None:
    count = lived(tenant)
    seen: list[int] = []

    for size in (1, 3, count, 1000):
        found = verdict(tenant, page_size=size, progress=seen.append)
        assert (found.verified, found.broken) == (count, None)
        assert (found.head.sequence, found.head.hash) == head_of(database, tenant.id)

    assert count >= 10
    assert sum(seen) == 4 * count
    assert max(seen) == count


def test_an_organization_without_events_verifies(database: Database) -> None:
    with db.transaction(uuid4(), Role.AUDITOR) as session:
        assert verify(session, uuid4()).broken is None


def test_events_of_before_verify_still(tenant: Tenant, database: Database) -> None:
    """As the release before wrote them: no address, no digest of a side without values."""
    with as_superuser(database) as connection:
        sequence, previous = head_of(database, tenant.id)
        for before, after in ((None, {"name": "Ada"}), ({"a": 1}, {"a": [1.5, None]}), (None, None)):
            row, sequence = _old_event(before, after), sequence + 1
            chained = hashlib.sha256(previous + sequence.to_bytes(8, "big") + row["body_hash"]).digest()
            values = {**row, "organization": tenant.id, "sequence": sequence, "previous": previous, "hash": chained}
            connection.execute(OLD, values)
            previous = chained
        head = {"id": tenant.id, "sequence": sequence, "hash": previous}
        connection.execute(
            sa.text("update event_heads set sequence = :sequence, hash = :hash where organization_id = :id"), head
        )
    new_candidate(tenant.api)

    assert (verdict(tenant).verified, broken(tenant)) == (sequence + 1, None)


OLD = sa.text("""
    insert into events (organization_id, sequence, id, occurred_at, actor_kind, action, subject_kind, subject_id,
        before, after, salt, digests, body_hash, previous_hash, hash)
    values (:organization, :sequence, cast(:id as uuid), cast(:occurred_at as timestamptz), 'system', 'x', 'y',
        cast(:id as uuid), cast(:before as jsonb), cast(:after as jsonb), :salt, cast(:digests as jsonb), :body_hash,
        :previous, :hash)
""")


def _old_event(before: Any, after: Any) -> dict[str, Any]:
    salt, moment, its_id = b"s" * 16, utc_now().isoformat(), str(uuid4())
    values = [
        (f"{side}.{name}", value)
        for side, all_ in (("before", before), ("after", after))
        for name, value in (all_ or {}).items()
    ]
    digests = {name: hashlib.sha256(salt + canonical(value).encode()).hexdigest() for name, value in values}
    nothing = dict.fromkeys(("actor_id", "request_id", "candidate_id", "application_id", "position_id"))
    body = {"id": its_id, "occurred_at": moment, "actor_kind": "system", "action": "x", "subject_kind": "y"}
    covered = {**body, **nothing, "subject_id": its_id, "digests": digests}
    sides = {
        "before": None if before is None else json.dumps(before),
        "after": None if after is None else json.dumps(after),
    }
    hashed = hashlib.sha256(canonical(covered).encode()).digest()
    return {
        "id": its_id,
        "occurred_at": moment,
        "salt": salt,
        "digests": json.dumps(digests),
        "body_hash": hashed,
        **sides,
    }


def test_whoever_changes_one_column_of_one_event_is_found(
    tenant: Tenant, database: Database, tamper: Callable[[str], None]
) -> None:
    count = lived(tenant)
    columns = records.rows(database, KINDS)
    assert {"salt", "address", "address_salt", "erased_at", "digests", "before", "after"} <= {
        c["name"] for c in columns
    }
    places = (count // 2, count)
    kept = rows_of(database, tenant.id)

    for place in places:
        for column in columns:
            name = column["name"]
            changed = OTHERWISE[column["kind"]].format(name=name)
            if name == "actor_kind":
                changed = "case actor_kind when 'user' then 'system' else 'user' end"
            row = kept[place - 1]
            tamper(f"update events set {name} = {changed} where id = '{row['id']}'")
            found = broken(tenant)
            assert found is not None, (name, place)
            assert found.sequence == place, (name, found)
            assert found.wrong in _fitting(name, place == count), (name, place, found)
            _put_back(database, row, name)
    assert verdict(tenant).verified == count
    assert broken(tenant) is None


def _fitting(column: str, is_newest: bool) -> set[Wrong]:
    """What may be said of an event of which this column was changed."""
    if column in {"organization_id", "sequence"}:
        return {Wrong.TRUNCATED} if is_newest else {Wrong.GAP}
    if column in {"previous_hash", "hash"}:
        return {Wrong.LINK}
    if column in {"before", "after", "salt", "address", "address_salt", "erased_at", "digests"}:
        return {Wrong.VALUE}
    return {Wrong.BODY}


def _put_back(database: Database, row: dict[str, Any], column: str) -> None:
    cast = {"before": "jsonb", "after": "jsonb", "digests": "jsonb"}.get(column)
    value = row[column] if cast is None or row[column] is None else json.dumps(row[column])
    with as_superuser(database) as connection:
        # By its hash, and by its id where that is what was changed.
        by = "id" if column == "hash" else "hash"
        connection.execute(
            sa.text(f"update events set {column} = {f'cast(:value as {cast})' if cast else ':value'} where {by} = :by"),
            {"value": value, "by": row[by]},
        )


@pytest.mark.parametrize("column", ["before", "after", "salt", "address", "address_salt", "digests"])
def test_a_column_that_was_emptied_alone_is_no_erasure(
    tenant: Tenant, tamper: Callable[[str], None], column: str
) -> None:
    lived(tenant)
    emptied = "'{}'" if column == "digests" else "null"
    third = "sequence = (select min(sequence) from events where organization_id = :id and before is not null)"

    tamper(f"update events set {column} = {emptied} where organization_id = :id and {third}")

    found = broken(tenant)
    assert found is not None
    assert found.wrong is Wrong.VALUE


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ("delete from events where {ours} and sequence = 3", Broken(3, Wrong.GAP)),
        ("delete from events where {ours} and sequence in (4, 5, 7)", Broken(4, Wrong.GAP)),
        ("delete from events where {ours} and sequence = 1", Broken(1, Wrong.GAP)),
        ("delete from events where {ours} and sequence >= 4", Broken(4, Wrong.TRUNCATED)),
        ("delete from events where {ours}", Broken(1, Wrong.TRUNCATED)),
        ("delete from event_heads where {ours}", Broken(1, Wrong.HEAD)),
        ("update event_heads set sequence = 4 where {ours}", Broken(5, Wrong.HEAD)),
        ("update event_heads set hash = sha256('x') where {ours}", Broken(8, Wrong.HEAD)),
        ("update event_heads set sequence = 9 where {ours}", Broken(9, Wrong.TRUNCATED)),
    ],
)
def test_whoever_takes_events_away_is_found(
    tenant: Tenant, tamper: Callable[[str], None], tampering: str, expected: Broken
) -> None:
    while verdict(tenant).verified < 8:
        new_candidate(tenant.api)

    tamper(tampering.format(ours="organization_id = :id"))

    assert broken(tenant) == expected
    assert verdict(tenant).verified == min(expected.sequence - 1, 8) or expected.wrong is Wrong.HEAD


def test_whoever_changes_the_order_is_found(tenant: Tenant, tamper: Callable[[str], None]) -> None:
    lived(tenant)

    tamper("update events set sequence = -sequence where organization_id = :id and sequence in (4, 5)")
    tamper("update events set sequence = 9 + sequence where organization_id = :id and sequence in (-4, -5)")

    assert broken(tenant) == Broken(4, Wrong.LINK)


def rehash(database: Database, organization_id: UUID, start: int) -> None:
    """What an attacker does who has read our code: every hash from `start` on made anew, the head as well."""
    rows = rows_of(database, organization_id)
    previous = rows[start - 2]["hash"]
    with as_superuser(database) as connection:
        for row in rows[start - 1 :]:
            made = hashlib.sha256(previous + row["sequence"].to_bytes(8, "big") + row["body_hash"]).digest()
            values = {"previous": previous, "hash": made, "id": row["id"]}
            connection.execute(
                sa.text("update events set previous_hash = :previous, hash = :hash where id = :id"), values
            )
            previous = made
        head = {"id": organization_id, "sequence": rows[-1]["sequence"], "hash": previous}
        statement = "update event_heads set sequence = :sequence, hash = :hash where organization_id = :id"
        connection.execute(sa.text(statement), head)


def test_an_anchor_finds_a_tail_that_was_written_anew_as_a_whole(
    tenant: Tenant, database: Database, tamper: Callable[[str], None]
) -> None:
    lived(tenant)
    early = Anchor(2, rows_of(database, tenant.id)[1]["hash"])
    anchor = verdict(tenant).head
    new_candidate(tenant.api)
    tamper("delete from events where organization_id = :id and sequence = 4")
    tamper("update events set sequence = sequence - 1 where organization_id = :id and sequence > 4")
    rehash(database, tenant.id, 4)

    assert broken(tenant) is None, "nothing but an anchor can tell"
    assert broken(tenant, anchors=[early]) is None
    assert broken(tenant, anchors=[early, anchor]) == Broken(anchor.sequence, Wrong.REWRITTEN)
    with db.transaction(tenant.id, Role.AUDITOR) as session:
        chain.keep_anchor(session, tenant.id, anchor.sequence, anchor.hash, utc_now())
    assert broken(tenant) == Broken(anchor.sequence, Wrong.REWRITTEN)


def test_an_anchor_finds_a_tail_that_was_cut_off_with_its_head(
    tenant: Tenant, database: Database, tamper: Callable[[str], None]
) -> None:
    lived(tenant)
    anchor = verdict(tenant).head
    tamper("delete from events where organization_id = :id and sequence > 5")
    rehash(database, tenant.id, 5)

    assert broken(tenant) is None
    assert broken(tenant, anchors=[anchor]) == Broken(6, Wrong.TRUNCATED)


@pytest.mark.parametrize("role", [Role.APP, Role.AUDITOR, Role.ERASER, Role.DISPATCHER, Role.SIGN_IN])
@pytest.mark.parametrize("statement", ["update event_anchors set sequence = 0", "delete from event_anchors"])
def test_no_role_of_the_application_changes_an_anchor(tenant: Tenant, role: Role, statement: str) -> None:
    with pytest.raises(DBAPIError) as refused, db.transaction(tenant.id, role) as session:
        session.execute(sa.text(statement))

    assert db.sql_state(refused.value) == "42501"


def test_another_organizations_events_are_not_the_auditors_to_see(tenant: Tenant, other: Tenant) -> None:
    with db.transaction(tenant.id, Role.AUDITOR) as session:
        assert verify(session, other.id).verified == 0
        assert set(session.scalars(sa.text("select organization_id from events"))) == {tenant.id}


def erased(database: Database, tenant: Tenant) -> set[int]:
    return {row["sequence"] for row in rows_of(database, tenant.id) if row["erased_at"] is not None}


def test_erasing_a_candidate_takes_values_and_addresses_and_the_chain_holds(
    tenant: Tenant, other: Tenant, database: Database
) -> None:
    kept = new_candidate(tenant.api, name="Somebody Else")
    person = new_candidate(tenant.api, name="Needle Needleson", email="needle@needle.example")
    application = new_application(tenant.api, person)
    tenant.api.post(f"/api/applications/{application['id']}/reject", {"reason": "needle"})
    document = insert_document(database, tenant.id)
    theirs = "update documents set candidate_id = :candidate where id = :id"
    tenant.api.delete(f"/api/documents/{document}")
    records.rows(database, theirs, candidate=UUID(person["id"]), id=UUID(document))
    count = verdict(tenant).verified

    with db.transaction(tenant.id, Role.ERASER) as session:
        first = erasing.erase_about(session, tenant.id, UUID(person["id"]), utc_now())
        again = erasing.erase_about(session, tenant.id, UUID(person["id"]), utc_now())
        foreign = erasing.erase_about(session, other.id, UUID(person["id"]), utc_now())

    assert (first, again, foreign) == (4, 0, 0)
    assert (verdict(tenant).verified, broken(tenant)) == (count, None)
    rows = rows_of(database, tenant.id)
    gone = [row for row in rows if row["erased_at"] is not None]
    assert {row["action"] for row in gone} == {
        "candidate_created",
        "application_created",
        "application_rejected",
        "document_deleted",
    }
    for row in gone:
        assert [row[name] for name in ("before", "after", "salt", "address", "address_salt")] == [None] * 5
    assert "eedle" not in str(rows)
    shown = tenant.api.get("/api/events", candidate_id=kept["id"]).json["items"]
    assert shown[0]["after"]["name"] == "Somebody Else"
    new_candidate(tenant.api)
    assert broken(tenant) is None


def test_addresses_are_erased_by_age_with_the_salt_that_would_tell_them(tenant: Tenant, database: Database) -> None:
    lived(tenant)
    with_address = sum(row["address"] is not None for row in rows_of(database, tenant.id))

    with db.transaction(tenant.id, Role.ERASER) as session:
        nothing = erasing.erase_address_older_than(session, tenant.id, utc_now() - timedelta(days=1))
        first = erasing.erase_address_older_than(session, tenant.id, utc_now() + timedelta(days=1), limit=2)
        rest = erasing.erase_address_older_than(session, tenant.id, utc_now() + timedelta(days=1))

    assert (nothing, first, first + rest) == (0, 2, with_address)
    assert with_address > 5
    assert all(row["address"] is row["address_salt"] is None for row in rows_of(database, tenant.id))
    assert all(row["salt"] is not None for row in rows_of(database, tenant.id))
    assert broken(tenant) is None


def test_the_eraser_blanks_and_does_nothing_else_to_events(tenant: Tenant) -> None:
    for statement in (
        "update events set action = 'x'",
        "update events set hash = ''",
        "update events set digests = '{}'",
        "delete from events",
    ):
        with pytest.raises(DBAPIError) as refused, db.transaction(tenant.id, Role.ERASER) as session:
            session.execute(sa.text(statement))
        assert db.sql_state(refused.value) == "42501"


def test_an_admin_sees_addresses_and_nobody_else_does(tenant: Tenant, database: Database) -> None:
    new_project(tenant.api)

    shown = tenant.api.get("/api/events").json["items"]
    assert {event["address"] for event in shown} == {tenant.api.address}, "from the first registration on"
    set_role(database, tenant.email, "recruiter")

    hidden = tenant.api.get("/api/events", limit=1).json
    assert hidden["items"][0] == {**shown[0], "address": None}
    after = tenant.api.get("/api/events", cursor=hidden["next_cursor"]).json["items"]
    assert [event["address"] for event in after] == [None] * len(after)
    assert [event["id"] for event in after] == [event["id"] for event in shown[1:]]
