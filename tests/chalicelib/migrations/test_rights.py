"""Each database role may do what its purpose needs, and no more."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chalicelib.db import Role
from tests import factories, records
from tests.chalicelib.migrations.tables import acting, refused
from tests.conftest import Tenant
from tests.house import Database


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (Role.SCREENER, "update applications set stage = 'hired'"),
        (Role.SCREENER, "update applications set status = 'rejected'"),
        (Role.SCREENER, "insert into stage_changes (id) values (gen_random_uuid())"),
        (Role.SCREENER, "delete from applications"),
        (Role.SCREENER, "update candidates set name = 'x'"),
        (Role.SCREENER, "update screenings set score = 100"),
        (Role.SCREENER, "delete from screenings"),
        (Role.SCREENER, "select 1 from users"),
        (Role.SCREENER, "select 1 from refresh_tokens"),
        (Role.SIGN_IN, "select 1 from candidates"),
        (Role.SIGN_IN, "select 1 from documents"),
        (Role.SIGN_IN, "select 1 from applications"),
        (Role.SIGN_IN, "select 1 from document_texts"),
        (Role.SIGN_IN, "select 1 from screenings"),
        (Role.SIGN_IN, "delete from users"),
        (Role.DISPATCHER, "select filename from documents"),
        (Role.DISPATCHER, "select * from documents"),
        (Role.DISPATCHER, "update documents set status = 'clean'"),
        (Role.DISPATCHER, "select 1 from candidates"),
        (Role.DISPATCHER, "select 1 from users"),
        (Role.DISPATCHER, "select 1 from document_texts"),
        (Role.DISPATCHER, "select 1 from events"),
        (Role.APP, "update events set action = 'x'"),
        (Role.APP, "delete from events"),
        (Role.APP, "truncate candidates"),
        (Role.APP, "update screenings set score = 100"),
        (Role.APP, "delete from screenings"),
        (Role.APP, "update stage_changes set note = 'x'"),
        (Role.APP, "delete from organizations"),
        (Role.APP, "create table mine (id int)"),
        (Role.APP, "drop table candidates"),
        (Role.APP, "alter table candidates disable row level security"),
        (Role.APP, "set local role recruitpro_owner"),
        (Role.APP, "set local role recruitpro_searcher"),
        (Role.APP, "alter role recruitpro_app bypassrls"),
        (Role.APP, "drop policy own_organization on candidates"),
        (Role.APP, "update alembic_version set version_num = '9999'"),
    ],
)
def test_each_role_may_do_no_more_than_its_purpose_needs(tenant: Tenant, role: Role, statement: str) -> None:
    with acting(tenant.id, role.value) as connection, refused():
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (Role.SCREENER, "select stage from applications"),
        (Role.SIGN_IN, "select email from users"),
        (Role.DISPATCHER, "select status, object_key from documents"),
        (Role.DISPATCHER, "delete from idempotency_keys where created_at < now() - interval '1 day'"),
    ],
)
def test_each_role_may_do_what_its_purpose_needs(tenant: Tenant, role: Role, statement: str) -> None:
    with acting(tenant.id, role.value) as connection:
        connection.execute(sa.text(statement))


def test_the_screener_sees_its_organization_alone(tenant: Tenant, other: Tenant) -> None:
    factories.new_candidate(tenant.api)
    factories.new_candidate(other.api)

    with acting(tenant.id, Role.SCREENER) as connection:
        assert set(connection.scalars(sa.text("select organization_id from candidates"))) == {tenant.id}
    with acting(None, Role.SCREENER) as connection:
        assert connection.scalar(sa.text("select count(*) from candidates")) == 0


def test_the_application_owns_nothing_and_bypasses_nothing(database: Database) -> None:
    ours = (
        "('recruitpro_app', 'recruitpro_sign_in', 'recruitpro_dispatcher', 'recruitpro_screener', 'recruitpro_eraser')"
    )
    powers = records.rows(
        database,
        "select rolname from pg_roles where (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb"
        " or rolreplication) and rolname like 'recruitpro%'",
    )
    owned = records.rows(
        database,
        "select classid::regclass::text as kind, objid from pg_shdepend join pg_roles on pg_roles.oid = refobjid"
        f" where deptype = 'o' and rolname in {ours}",
    )
    logins = records.rows(database, "select rolname from pg_roles where rolcanlogin and rolname like 'recruitpro%'")

    assert powers == []
    assert owned == []
    assert {row["rolname"] for row in logins} == {"recruitpro_app", "recruitpro_owner"}


def test_purpose_roles_are_taken_on_and_never_inherited(database: Database) -> None:
    memberships = records.rows(
        database,
        "select roleid::regrole::text as role, inherit_option, set_option, admin_option from pg_auth_members"
        " where member = 'recruitpro_app'::regrole",
    )

    assert {row["role"] for row in memberships} == {
        "recruitpro_sign_in",
        "recruitpro_dispatcher",
        "recruitpro_screener",
        "recruitpro_eraser",
        "recruitpro_auditor",
    }
    assert {(row["inherit_option"], row["set_option"], row["admin_option"]) for row in memberships} == {
        (False, True, False)
    }


def test_the_public_has_no_rights(database: Database) -> None:
    granted = records.rows(
        database,
        "select relname, acl.privilege_type from pg_class, aclexplode(relacl) as acl"
        " where relnamespace = 'public'::regnamespace and acl.grantee = 0",
    )

    assert granted == []
