"""An organization's newest rows are found by the index of its list, however many newer rows others have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from chalicelib.http.paging import Order
from chalicelib.jobs.models import Job
from chalicelib.migrations.roles import driver_url
from chalicelib.positions.models import Position
from chalicelib.projects.models import Project
from tests import records
from tests.conftest import Tenant
from tests.house import Database

LISTS: list[Any] = [Project, Position, Job]
ROWS = {
    "projects": ("name, created_by, created_at, updated_at", "'Search', uuidv7(), now(), now()"),
    "positions": ("title, stages, created_by, created_at, updated_at", "'Nurse', '{}', uuidv7(), now(), now()"),
    "jobs": ("kind, priority, max_attempts, payload, enqueued_at", "'none', 'low', 1, '{}', now()"),
}
ACT_FOR = "select set_config('app.organization_id', :id, true), set_config('role', 'recruitpro_app', true)"


@pytest.fixture
def crowded(database: Database, tenant: Tenant, other: Tenant) -> Iterator[sa.Connection]:
    """The application's transaction for an organization after which another has added as much; it is rolled back."""
    engine = sa.create_engine(driver_url(database.superuser_url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        for table, (columns, values) in ROWS.items():
            for organization_id in (tenant.id, other.id):
                statement = (
                    f"insert into {table} (id, organization_id, {columns}) "
                    f"select uuidv7(), :id, {values} from generate_series(1, 3000)"
                )
                connection.execute(sa.text(statement), {"id": organization_id})
            connection.execute(sa.text(f"analyze {table}"))
        connection.execute(sa.text(ACT_FOR), {"id": str(tenant.id)})
        yield connection
        connection.rollback()


@pytest.mark.parametrize("model", LISTS)
def test_no_row_of_another_organization_is_read_on_the_way(crowded: sa.Connection, tenant: Tenant, model: Any) -> None:
    query = sa.select(model.id).where(model.organization_id == tenant.id)
    if "deleted_at" in model.__table__.columns:
        query = query.where(model.deleted_at.is_(None))
    page = query.order_by(*Order.by_id(model.id).clauses()).limit(51)
    statement = page.compile(crowded.engine, compile_kwargs={"literal_binds": True})

    plan = "\n".join(crowded.scalars(sa.text(f"explain (analyze, buffers off) {statement}")))

    assert f"using {model.__tablename__}_list" in plan, plan
    assert "Rows Removed" not in plan, plan
    assert "Sort" not in plan, plan


def test_every_index_by_id_is_in_the_order_of_lists(database: Database) -> None:
    statement = "select indexdef from pg_indexes where schemaname = 'public' and indexdef ~ :pattern"
    indexes = records.rows(database, statement, pattern=r"\(organization_id, (\w+, )?id DESC")

    assert len(indexes) > 30
    assert [row["indexdef"] for row in indexes if "id DESC NULLS LAST)" not in row["indexdef"]] == []
