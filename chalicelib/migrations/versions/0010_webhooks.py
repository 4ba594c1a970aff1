"""Whom to tell what happened, and whether they were told."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql_beside(__file__)
