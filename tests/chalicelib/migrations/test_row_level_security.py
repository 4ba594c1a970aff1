"""No organization sees another: for every tenant table that the catalog lists, whichever release brought it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests import factories, records
from tests.chalicelib.migrations.tables import Shape, a_row, acting, insert, owner_column, refused, tenant_tables
from tests.conftest import Tenant
from tests.house import Database

# What reports count with: it is read by functions alone, which tell of it what the asker may see.
COUNTED_WITH = {
    *("application_marks", "application_kinds", "counted_applications", "application_sums"),
    *("candidate_increments", "candidate_sums"),
}
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
    purposes = {"recruitpro_sign_in", "recruitpro_dispatcher", "recruitpro_searcher", "recruitpro_auditor"}
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


def owners_seen(table: str, organization_id: UUID | None) -> set[UUID]:
    """Whose rows of a table are seen; nobody's where the application may not read it at all."""
    with acting(organization_id) as connection:
        select = sa.text(f"select {owner_column(table)} from {table}")
        if connection.scalar(MAY, {"table": table, "right": "SELECT"}):
            return set(connection.scalars(select))
        with refused():
            connection.execute(select)
        return set()


def test_without_an_organization_nothing_is_seen(filled: dict[str, Shape]) -> None:
    assert {table for table in filled if owners_seen(table, None)} == set()


def test_with_an_organization_its_own_rows_are_seen_and_no_others(
    filled: dict[str, Shape], tenant: Tenant, other: Tenant
) -> None:
    for organization_id in (tenant.id, other.id):
        for table in filled:
            expected = set() if table in COUNTED_WITH else {organization_id}
            assert owners_seen(table, organization_id) == expected, table


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
