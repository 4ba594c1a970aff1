"""Consent, how long people are kept, exports and erasures."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("retention_warnings", "erasures")
