"""By hand or at a deployment: brings the schema up to date, as its owner."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib import clients, migrations
from chalicelib.settings import settings

functions = Blueprint(__name__)


@functions.lambda_function(name="migrate_database")
def migrate_database(_event: Any, _context: Any) -> dict[str, Any]:
    """Answers the changes applied now and the one the schema stands at."""
    owner_url = _owner_url()
    applied = migrations.upgrade(owner_url)
    return {"applied": applied, "current": migrations.current(owner_url)}


def _owner_url() -> str:
    config = settings()
    if config.migration_database_secret_arn is not None:
        return clients.secret(config.migration_database_secret_arn)
    if config.migration_database_url is None:
        raise RuntimeError(
            "neither RECRUITPRO_MIGRATION_DATABASE_SECRET_ARN nor RECRUITPRO_MIGRATION_DATABASE_URL is set"
        )
    return config.migration_database_url.get_secret_value()
