"""No organization sees another: for every tenant table that the catalog lists, whichever release brought it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from chalicelib import db
from chalicelib.db import Role
from tests import factories, records
from tests.chalicelib.migrations.tables import Shape, a_row, insert, owner_column, tenant_tables
from tests.conftest import Tenant
from tests.house import Database

DENIED = "42501"
# On the whole table: a right on single columns does not reach the one that says whose a row is.
MAY = sa.text("select has_table_privilege(current_user, :table, :right)")


@pytest.fixture
def tables(database: Database) -> dict[str, Shape]:
    with factories.as_superuser(database) as connection:
        return tenant_tables(connection)


@pytest.fixture
def filled(database: Database, tables: dict[str, Shape], tenant: Tenant, other: Tenant) -> Iterator[dict[str, Shape]]:
    """Every tenant table holds a row of both organizations at least."""
    made: list[tuple[str, UUID]] = []
    with factories.as_superuser(database) as connection:
        # Nothing but row-level security is looked at here: no foreign key and no trigger shall stand before it.
        connection.execute(sa.text("set local session_replication_role = replica"))
        for table, shape in tables.items():
            for organization_id in (tenant.id, other.id):
                count = sa.text(f"select count(*) from {table} where {owner_column(table)} = :id")
                if connection.scalar(count, {"id": organization_id}) == 0:
                    insert(connection, table, shape, a_row(connection, table, shape, organization_id))
                    made.append((table, organization_id))
    yield tables
    with factories.as_superuser(database) as connection:
        connection.execute(sa.text("set local session_replication_role = replica"))
        for table, organization_id in made:
            connection.execute(
                sa.text(f"delete from {table} where {owner_column(table)} = :id"), {"id": organization_id}
            )


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(ProgrammingError) as error:
        yield
    assert db.sql_state(error.value) == DENIED, error.value


@contextmanager
def acting(organization_id: UUID | None, role: str = "none") -> Iterator[sa.Connection]:
    """The application's connection in a transaction that is rolled back."""
    with db.engine().connect() as connection:
        connection.execute(
            sa.text("select set_config('app.organization_id', :id, true), set_config('role', :role, true)"),
            {"id": str(organization_id or ""), "role": role},
        )
        yield connection
        connection.rollback()


def test_the_catalog_knows_our_tables(tables: dict[str, Shape]) -> None:
    assert {"organizations", "users", "candidates", "applications", "documents", "jobs", "events"} <= set(tables)


def test_every_tenant_table_forces_a_policy_of_its_own_organization(
    database: Database, tables: dict[str, Shape]
) -> None:
    forced = records.rows(
        database,
        "select relname, relrowsecurity, relforcerowsecurity from pg_class"
        " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace",
    )
    open_tables = {row["relname"] for row in forced if not (row["relrowsecurity"] and row["relforcerowsecurity"])}
    policies = records.rows(
        database,
        "select tablename, qual, with_check, roles::text from pg_policies where schemaname = 'public'"
        " and 'public' = any(roles)",
    )

    assert open_tables & set(tables) == set()
    assert {policy["tablename"] for policy in policies} == set(tables)
    for policy in policies:
        column = owner_column(policy["tablename"])
        assert policy["qual"].startswith(f"({column} = (NULLIF(current_setting('app.organization_id'"), policy
        assert policy["with_check"] is None, policy


def test_policies_that_see_all_belong_to_purpose_roles_alone(database: Database) -> None:
    wide = records.rows(
        database, "select tablename, roles::text[] as roles from pg_policies where qual = 'true' or with_check = 'true'"
    )

    assert wide
    purposes = {"recruitpro_sign_in", "recruitpro_dispatcher", "recruitpro_searcher"}
    assert {role for policy in wide for role in policy["roles"]} <= purposes


def test_views_and_functions_open_no_way_around(database: Database) -> None:
    views = records.rows(
        database,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
        " and not coalesce('security_invoker=true' = any(reloptions), false)",
    )
    definers = records.rows(
        database,
        "select proname, proconfig::text as config, pg_get_userbyid(proowner) as owner from pg_proc"
        " where pronamespace = 'public'::regnamespace and prosecdef",
    )

    assert views == []
    for definer in definers:
        assert "search_path" in (definer["config"] or ""), definer
        assert definer["owner"] == "recruitpro_searcher"


def test_without_an_organization_nothing_is_seen(filled: dict[str, Shape]) -> None:
    with acting(None) as connection:
        seen = {table: connection.scalar(sa.text(f"select count(*) from {table}")) for table in filled}

    assert {table: count for table, count in seen.items() if count} == {}


def test_with_an_organization_its_own_rows_are_seen_and_no_others(
    filled: dict[str, Shape], tenant: Tenant, other: Tenant
) -> None:
    for organization_id in (tenant.id, other.id):
        with acting(organization_id) as connection:
            for table in filled:
                owners = set(connection.scalars(sa.text(f"select {owner_column(table)} from {table}")))
                assert owners == {organization_id}, table


def test_nothing_of_another_organization_can_be_changed_or_deleted(
    filled: dict[str, Shape], tenant: Tenant, other: Tenant
) -> None:
    for table in filled:
        column = owner_column(table)
        statements = {
            "UPDATE": f"update {table} set {column} = {column} where {column} = :theirs",
            "DELETE": f"delete from {table} where {column} = :theirs",
        }
        for right, statement in statements.items():
            with acting(tenant.id) as connection:
                if connection.scalar(MAY, {"table": table, "right": right}):
                    assert connection.execute(sa.text(statement), {"theirs": other.id}).rowcount == 0, (table, right)
                else:
                    with refused():
                        connection.execute(sa.text(statement), {"theirs": other.id})


def test_nothing_can_be_written_for_another_organization(
    filled: dict[str, Shape], tenant: Tenant, other: Tenant
) -> None:
    for table, shape in filled.items():
        with acting(tenant.id) as connection:
            row = a_row(connection, table, shape, other.id)
            with refused():
                insert(connection, table, shape, row)


def test_nothing_of_ones_own_can_be_given_away(filled: dict[str, Shape], tenant: Tenant, other: Tenant) -> None:
    for table in filled:
        column = owner_column(table)
        with acting(tenant.id) as connection, refused():
            connection.execute(
                sa.text(f"update {table} set {column} = :theirs where {column} = :ours"),
                {"theirs": other.id, "ours": tenant.id},
            )


def test_rows_for_ones_own_organization_pass(filled: dict[str, Shape], tenant: Tenant) -> None:
    """The refusals above come from whose the row is, and not from its shape."""
    for table in ("projects", "candidates", "jobs", "documents"):
        with acting(tenant.id) as connection:
            insert(
                connection,
                table,
                filled[table],
                a_row(connection, table, filled[table], tenant.id)
                | {name: tenant.user_id for name in ("created_by",) if table == "projects"},
            )


def test_the_owner_of_the_schema_is_bound_as_well(database: Database, filled: dict[str, Shape], tenant: Tenant) -> None:
    from chalicelib.migrations.roles import driver_url

    engine = sa.create_engine(driver_url(database.owner_url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        # It inherits from recruitpro_searcher, whose function it has to maintain, and so what that one sees.
        for table in set(filled) - {"candidates"}:
            assert connection.scalar(sa.text(f"select count(*) from {table}")) == 0, table
    engine.dispose()


def test_searching_by_function_stays_inside_the_organization(tenant: Tenant, other: Tenant) -> None:
    ours = factories.new_candidate(tenant.api, name="Ottilie Zuckerkandl")["id"]
    theirs = factories.new_candidate(other.api, name="Berta Zuckerkandl")["id"]
    find = sa.text("select * from matching_candidates(to_tsquery('public.recruitpro', 'zuckerkandl'), 10)")

    found = []
    for organization_id in (tenant.id, other.id, None, uuid4()):
        with acting(organization_id) as connection:
            found.append([str(candidate_id) for candidate_id in connection.scalars(find)])

    assert found == [[ours], [theirs], [], []]


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
    ours = "('recruitpro_app', 'recruitpro_sign_in', 'recruitpro_dispatcher', 'recruitpro_screener')"
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
