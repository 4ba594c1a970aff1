"""How often and from where signing in failed."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql_beside(__file__)
