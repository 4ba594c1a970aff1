"""Indexes and functions that keep every statement quick when there are millions of rows."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_sql_beside(__file__)
