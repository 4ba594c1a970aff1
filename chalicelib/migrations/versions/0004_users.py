"""Invitations, password resets, and what an organization decides for all its users."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql_beside(__file__)
