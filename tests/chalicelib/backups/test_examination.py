"""Whether a restored copy is what it should be: good ones pass, and whatever is done to one is found."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chalicelib import clock, db
from chalicelib.backups import examination, live
from chalicelib.backups.examination import CopyUnreachable, Examination, examine
from chalicelib.db import DatabaseUnavailable
from chalicelib.migrations import newest
from chalicelib.operations import event_chains
from tests import factories, records
from tests.chalicelib.backups.copies import MASTER, PASSWORD, a_copy, as_master, spoil
from tests.conftest import Tenant
from tests.house import Database

# Whatever another test had done to anybody would be found too.
pytestmark = pytest.mark.own_database(for_all=True)
# Of all that is there when it is copied everything is old enough to be looked for.
SINCE = timedelta(hours=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def organization(tenant: Tenant, database: Database) -> str:
    """Somebody with events, whose chain was verified before."""
    for _ in range(3):
        factories.new_candidate(tenant.api)
    event_chains.audit_one(tenant.id, clock.utc_now())
    return str(tenant.id)


def look(database: Database, name: str, *, seconds: float = 60, past: timedelta = SINCE) -> Examination:
    return examine(as_master(database, name), clock.utc_now() + past, seconds=seconds)


def wrong_with(database: Database, *statements: str) -> list[str]:
    with a_copy(database) as name:
        spoil(database, name, *statements)
        return look(database, name).wrong


def test_a_good_copy_is_what_it_should_be(organization: str, database: Database) -> None:
    with a_copy(database) as name:
        found = look(database, name)

    everybody = records.rows(database, "select count(*) as n from organizations")[0]["n"]
    assert found.wrong == []
    assert (found.revision, found.organizations, found.left) == (newest(), everybody, 0)
    assert found.rows["candidates"] == records.rows(database, "select count(*) as n from candidates")[0]["n"]
    assert found.events == found.rows["events"]
    assert found.rows["organizations"] == everybody


def test_looking_leaves_the_copy_and_its_policies_as_they_were(organization: str, database: Database) -> None:
    with a_copy(database) as name:
        look(database, name)
        with as_master(database, name).connect() as connection:
            forced = connection.scalars(sa.text("select relforcerowsecurity from pg_class where relname = 'events'"))
            assert list(forced) == [True]
            assert connection.scalar(sa.text("select count(*) from events")) == 0


def test_what_happened_after_the_snapshot_is_not_missed(organization: str, tenant: Tenant, database: Database) -> None:
    with a_copy(database) as name:
        factories.new_candidate(tenant.api)
        event_chains.audit_one(tenant.id, clock.utc_now() + 3 * HOUR)
        assert look(database, name, past=timedelta()).wrong == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("drop table scorecards cascade", "table scorecards is missing"),
        ("update alembic_version set version_num = '9999'", "revision 9999 of the schema is not known"),
        ("delete from alembic_version", "the schema has no revision"),
        ("drop table alembic_version", "the schema's revision cannot be read (42P01)"),
        ("drop table events cascade", "table events is missing"),
    ],
)
def test_a_schema_that_is_not_ours_is_found(organization: str, database: Database, statement: str, found: str) -> None:
    assert found in wrong_with(database, statement)


def test_a_table_that_cannot_be_read_is_found(organization: str, database: Database) -> None:
    assert wrong_with(database, "alter table candidates owner to postgres") == ["a table cannot be read (rows_hidden)"]


def test_a_tampered_event_is_found(organization: str, database: Database) -> None:
    of_it = f"where organization_id = '{organization}' and sequence = 2"

    assert wrong_with(database, f"update events set action = 'another' {of_it}") == [
        f"organization {organization}: event 2: it says something else than what its hash covers"
    ]


def test_events_that_end_too_early_are_found_though_their_chain_holds(organization: str, database: Database) -> None:
    cut = [
        f"delete from event_anchors where organization_id = '{organization}'",
        f"delete from events where organization_id = '{organization}' and sequence > 2",
        "update event_heads set sequence = 2, hash = events.hash from events where events.sequence = 2"
        f" and events.organization_id = '{organization}' and event_heads.organization_id = '{organization}'",
    ]
    [told] = wrong_with(database, *cut)

    assert told.startswith(f"organization {organization}: event 3: this event and all after it are missing")


def test_a_stale_copy_is_found_without_any_anchor(organization: str, tenant: Tenant, database: Database) -> None:
    records.rows(database, "delete from event_anchors where organization_id = cast(:id as uuid)", id=organization)
    with a_copy(database) as name:
        before = records.count(database, "events", tenant.id)
        factories.new_candidate(tenant.api)
        [told] = look(database, name).wrong

    after = records.count(database, "events", tenant.id)
    assert told == f"organization {organization}: its events end at {before} and not at {after} or later"


def test_a_whole_chain_written_anew_is_found(organization: str, tenant: Tenant, database: Database) -> None:
    """It holds in itself, there is no anchor, and it is not the chain of the live database."""
    with a_copy(database) as name:
        records.rows(database, "delete from event_anchors where organization_id = cast(:id as uuid)", id=organization)
        last = records.count(database, "events", tenant.id)
        flip = "update events set hash = sha256(hash) where organization_id = cast(:id as uuid) and sequence = :last"
        records.rows(database, flip, id=organization, last=last)
        spoil(database, name, f"delete from event_anchors where organization_id = '{organization}'")
        told = look(database, name).wrong
        records.rows(
            database,
            "update events set hash = event_heads.hash from event_heads where events.sequence = :last"
            " and events.organization_id = cast(:id as uuid) and event_heads.organization_id = events.organization_id",
            id=organization,
            last=last,
        )

    assert told == [f"organization {organization}: event {last} is another one in the live database"]


def test_an_empty_copy_is_found(organization: str, database: Database) -> None:
    found = wrong_with(database, "truncate organizations cascade")

    assert f"organization {organization} is missing" in found


def test_a_database_that_is_not_there_is_found(organization: str, database: Database) -> None:
    assert look(database, "nowhere").wrong == ["there is no database of this name"]


def test_a_database_without_a_schema_is_found(organization: str, database: Database) -> None:
    with a_copy(database, template="template0") as name:
        found = look(database, name).wrong

    assert found[:2] == ["the schema's revision cannot be read (42P01)", "the schema has no revision"]
    assert f"organization {organization} cannot be read (42P01)" in found


def test_who_cannot_sign_in_says_nothing_about_the_copy(organization: str, database: Database) -> None:
    engine = as_master(database, "recruitpro")
    wrong_password = sa.create_engine(engine.url.set(password="another"), poolclass=sa.NullPool)
    nobody = sa.create_engine(engine.url.set(port=1), poolclass=sa.NullPool)

    for each in (wrong_password, nobody):
        with pytest.raises(CopyUnreachable) as error:
            examine(each, clock.utc_now(), seconds=1)
        assert PASSWORD not in str(error.value)
        assert MASTER not in str(error.value)


def test_without_the_live_database_there_is_nothing_to_compare_with(
    organization: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(live, "hash_of", gone)
    with a_copy(database) as name, pytest.raises(DatabaseUnavailable):
        look(database, name)


def test_who_has_no_turn_is_told(organization: str, database: Database) -> None:
    with a_copy(database) as name:
        found = look(database, name, seconds=0)

    assert (found.organizations, found.wrong) == (0, [])
    assert found.left > 0
    assert found.as_json()["organizations_left"] == found.left


def test_the_record_names_the_first_of_what_is_wrong() -> None:
    found = Examination(wrong=[f"organization {uuid4()} is missing" for _ in range(30)])

    assert (found.as_json()["wrong_count"], len(found.as_json()["wrong"])) == (30, examination.NAMED)


def test_ids_of_a_moment_lie_between_those_before_and_after(database: Database) -> None:
    now = clock.utc_now()
    from chalicelib.ids import new_id

    assert live._first_id_of(now - HOUR) < new_id() < live._first_id_of(now + HOUR)
    assert db.engine() is not None
