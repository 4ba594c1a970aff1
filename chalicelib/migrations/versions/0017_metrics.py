"""Counters that are true for the whole system: written with the fact that they count."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_sql_beside(__file__)
