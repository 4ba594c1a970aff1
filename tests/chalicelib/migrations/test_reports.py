"""Histories that were there before reports are told like those that came after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from chalicelib import migrations
from chalicelib.migrations import roles
from tests.chalicelib.migrations.test_upgrade import ask, prepare, url_of
from tests.house import Database

ORGANIZATION, USER, POSITION, CANDIDATE = (f"00000000-0000-7000-8000-00000000000{number}" for number in range(4))
MERGED, APPLICATION, MERGE, DUPLICATE = (f"00000000-0000-7000-8000-00000000000{number}" for number in range(4, 8))
BEFORE = f"""
    insert into organizations (id, name, created_at, updated_at) values ('{ORGANIZATION}', 'Old', now(), now());
    insert into positions (id, organization_id, title, stages, created_by, created_at, updated_at)
    values ('{POSITION}', '{ORGANIZATION}', 'Engineer', '{{applied,screen,hired}}', '{USER}', now(), now()),
        ('{MERGE}', '{ORGANIZATION}', 'Chemist', '{{applied,screen,hired}}', '{USER}', now(), now());
    insert into candidates (id, organization_id, name, created_at, updated_at)
    values ('{CANDIDATE}', '{ORGANIZATION}', 'Ada', now(), now());
    insert into candidates (id, organization_id, name, created_at, updated_at, deleted_at, merged_into)
    values ('{DUPLICATE}', '{ORGANIZATION}', 'Ada', now(), now(), now(), '{CANDIDATE}');
    insert into applications (id, organization_id, candidate_id, position_id, stage, status, applied_at,
        stage_entered_at, updated_at)
    values ('{APPLICATION}', '{ORGANIZATION}', '{CANDIDATE}', '{POSITION}', 'screen', 'rejected', now(), now(), now()),
        ('{MERGED}', '{ORGANIZATION}', '{CANDIDATE}', '{MERGE}', 'screen', 'rejected', now(), now(), now());
    insert into stage_changes (id, organization_id, application_id, kind, from_stage, to_stage, changed_at)
    select gen_random_uuid(), '{ORGANIZATION}', application, kind, from_stage, to_stage, at::timestamptz
    from (values ('{APPLICATION}'::uuid), ('{MERGED}')) as applications(application), (values
        ('applied', null, 'applied', '2026-03-01T00:00Z'), ('moved', 'applied', 'screen', '2026-03-02T00:00Z'),
        ('rejected', 'screen', null, '2026-03-04T00:00Z'), ('reopened', null, 'screen', '2026-03-09T00:00Z'),
        ('rejected', 'screen', null, '2026-03-09T06:00Z')) as steps(kind, from_stage, to_stage, at);
    insert into candidate_merges (id, organization_id, candidate_id, duplicate_id, before, after, moved, merged_at)
    values ('{MERGE}', '{ORGANIZATION}', '{CANDIDATE}', '{DUPLICATE}', '{{}}', '{{}}', '{{}}', now());
    insert into merged_applications (organization_id, application_id, merge_id, position_id, kept_application_id,
        kept_steps, row, moved)
    values ('{ORGANIZATION}', '{USER}', '{MERGE}', '{MERGE}', '{MERGED}', 3, '{{}}', '{{}}');
"""
STAYS = """
    select kind, (extract(epoch from changed_at - entered_at) / 3600)::int from stage_changes
    where application_id = '{}' and entered_at is not null order by changed_at
"""


@pytest.fixture
def old(database: Database) -> Iterator[str]:
    """The name of a database of before."""
    name = "before_reports"
    prepare(database, name)
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations.FOLDER))
    configuration.attributes["engine"] = sa.create_engine(
        roles.driver_url(url_of(database, name)), poolclass=sa.NullPool
    )
    command.upgrade(configuration, "0013")
    yield name
    engine = sa.create_engine(
        roles.driver_url(database.server.url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"drop database {name}")
    engine.dispose()


def test_stages_and_stays_of_old_histories_are_found(database: Database, old: str) -> None:
    everything = roles.driver_url(database.server.url.rsplit("/", 1)[0] + f"/{old}")
    engine = sa.create_engine(everything, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE)
    engine.dispose()

    applied = migrations.upgrade(url_of(database, old))

    assert applied[0] == "0014"
    assert ask(everything, "select distinct stages_entered from applications") == [(["applied", "screen"],)]
    assert ask(everything, STAYS.format(APPLICATION)) == [("moved", 24), ("rejected", 48), ("rejected", 6)]
    assert ask(everything, STAYS.format(MERGED)) == [], "which step belongs to which history is not known any more"
    forced = "select relname from pg_class where relforcerowsecurity and relname in ('applications', 'stage_changes')"
    assert len(ask(everything, forced)) == 2
