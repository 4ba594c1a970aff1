"""By hand or at a deployment: brings the schema up to date, as its owner."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib import migrations
from chalicelib.settings import settings

functions = Blueprint(__name__)


@functions.lambda_function(name="migrate_database")
def migrate_database(_event: Any, _context: Any) -> dict[str, Any]:
    """Answers the changes applied now and the one the schema stands at."""
    owner_url = settings().migration_database_url
    if owner_url is None:
        raise RuntimeError("RECRUITPRO_MIGRATION_DATABASE_URL is not set")
    applied = migrations.upgrade(owner_url.get_secret_value())
    return {"applied": applied, "current": migrations.current(owner_url.get_secret_value())}
