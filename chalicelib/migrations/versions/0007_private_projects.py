"""Projects that only their members see."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, keep_private, run_sql_beside

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("project_members")
    keep_private("project_members", "project_id")
    keep_private("positions", "project_id")
    keep_private("applications", "position_id")
    keep_private("screenings", "position_id")
    keep_private("outreach", "position_id")
    keep_private("documents", "project_id", "position_id")
    # What hangs on an application or a document, and names no position itself.
    keep_private("stage_changes", "application_id")
    keep_private("document_texts", "document_id")
    keep_private("imports", "document_id")
