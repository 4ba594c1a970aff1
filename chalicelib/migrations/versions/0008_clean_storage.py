"""Where clean and infected files are kept, and how a false alarm is undone."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, keep_private, run_sql_beside

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("document_releases")
    keep_private("document_releases", "document_id")
