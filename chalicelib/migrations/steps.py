"""What every revision does alike: run the SQL beside it, and keep the rows of organizations apart."""

from __future__ import annotations

from pathlib import Path

from alembic import op

OWN_ROWS = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"


def run_sql_beside(revision_file: str) -> None:
    """Run the .sql file of the same name."""
    statements = Path(revision_file).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)


def keep_apart(*tables: str) -> None:
    """Row-level security, forced: a transaction sees the rows of its organization in these tables and no others."""
    for table in tables:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy own_organization on {table} using ({OWN_ROWS})")
