"""What is known of snapshots, logical exports and restore tests."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql_beside(__file__)
