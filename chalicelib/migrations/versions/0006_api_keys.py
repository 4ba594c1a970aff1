"""Keys for programs, and requests of different weight."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("api_keys")
