"""Where clean and infected files are kept, and how a false alarm is undone."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql_beside(__file__)
