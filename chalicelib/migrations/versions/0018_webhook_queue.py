"""Deliveries to webhooks wait in a queue of their own."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_sql_beside(__file__)
