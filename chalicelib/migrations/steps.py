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


# By the column that ties a row to a project: when the row is shown to whoever is asking (0007_private_projects.sql).
SEEN = {
    "project_id": "project_id is null or project_id not in (select hidden.id from hidden_projects() as hidden(id))",
    "position_id": "position_id is null or position_id not in (select hidden.id from hidden_positions() as hidden(id))",
    "application_id": "application_id is null or (select sees_every_project()) or exists (select from applications "
    "where applications.organization_id = {table}.organization_id and applications.id = {table}.application_id)",
    "interview_id": "(select sees_every_project()) or exists (select from interviews "
    "where interviews.organization_id = {table}.organization_id and interviews.id = {table}.interview_id)",
    "document_id": "document_id is null or (select sees_every_project()) or exists (select from documents "
    "where documents.organization_id = {table}.organization_id and documents.id = {table}.document_id)",
}


def keep_private(table: str, *columns: str) -> None:
    """Rows that belong to a private project by one of these columns are as if they were not there, unless its members,
    an admin or the system asks. The columns are those of SEEN."""
    seen = " and ".join(f"({SEEN[column].format(table=table)})" for column in columns)
    op.execute(f"create policy seen_by_members on {table} as restrictive to recruitpro_app using ({seen})")
