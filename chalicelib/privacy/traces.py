"""Where a person may stand in passing: answers kept for retries, results and wishes of jobs, previews of files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.privacy.places import Footprint

# A text that holds an id of the person's, or their name, address or number, however it is written.
NAMED = """exists (select from unnest(cast(:ids as text[]) || cast(:names as text[])) as word
    where strpos(lower({text}), lower(word)) > 0)"""
TRACES: dict[str, sa.TextClause] = {
    "idempotency_keys": sa.text(f"""
        delete from idempotency_keys
        where organization_id = :organization_id and {NAMED.format(text="body || headers::text")}
    """),
    # A job that still waits or runs keeps the ids that it needs; it will find nobody.
    "jobs": sa.text(f"""
        update jobs set result = null, error_message = null, history = '[]',
            payload = case when status in ('queued', 'running') then payload else '{{}}' end
        where organization_id = :organization_id
          and {NAMED.format(text="concat(payload, result, error_message, history)")}
    """),
    "imports": sa.text(f"""
        update imports set preview = null
        where organization_id = :organization_id and preview is not null
          and {NAMED.format(text="preview::text")}
    """),
    "import_keys": sa.text("""
        delete from import_keys
        where organization_id = :organization_id
          and exists (select from unnest(cast(:names as text[])) as word where strpos(key, lower(word)) > 0)
    """),
    "import_problems": sa.text(f"""
        update import_rows set problems = null
        where organization_id = :organization_id and problems is not null and {NAMED.format(text="problems::text")}
    """),
}


def erase(session: Session, organization_id: UUID, found: Footprint) -> dict[str, int]:
    """Blank or delete every trace; how many rows of each table."""
    parameters: dict[str, Any] = found.as_parameters(organization_id)
    connection = session.connection()
    return {name: connection.execute(statement, parameters).rowcount for name, statement in TRACES.items()}
