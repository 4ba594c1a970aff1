"""From which address an event came, and whether the chain of events still holds."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql_beside(__file__)
