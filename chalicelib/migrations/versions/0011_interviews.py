"""Interviews and the marks given in them."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql_beside(__file__)
