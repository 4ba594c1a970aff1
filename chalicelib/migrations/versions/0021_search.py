"""Searches that stay quick for phrases, exclusions and words that few or many have."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql_beside(__file__)
