"""The database role that exports: it reads everything, and writes nothing but the record of its exports.

Policies are forced on the owner as well, so pg_dump as the owner fails, and with --enable-row-security it would write a
dump without rows and say nothing. Only a superuser, or from PostgreSQL 16 on whoever has BYPASSRLS, can give BYPASSRLS.
"""

from __future__ import annotations

import sqlalchemy as sa

from chalicelib.errors import Forbidden
from chalicelib.migrations.roles import driver_url
from infra.logical_export.source import EXPORTER

EXISTS = sa.text("select 1 from pg_roles where rolname = :name")
NOT_ALLOWED = "42501"


class ExporterRefused(Forbidden):
    """The server does not let this user make the role that exports."""

    code = "exporter_refused"


def prepare(superuser_url: str, *, password: str | None) -> None:
    """Make the role in the database of this URL; without a password it signs in by IAM (on RDS). Idempotent.

    Raises ExporterRefused when this user may not give BYPASSRLS.
    """
    engine = sa.create_engine(driver_url(superuser_url), poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            _prepare(connection, password)
    except sa.exc.DBAPIError as error:
        detail = error.orig.args[0] if error.orig is not None and error.orig.args else {}
        if isinstance(detail, dict) and detail.get("C") == NOT_ALLOWED:
            raise ExporterRefused(
                f"this user may not make {EXPORTER}: {detail.get('M')}. It takes BYPASSRLS"
            ) from error
        raise
    finally:
        engine.dispose()


def _prepare(connection: sa.Connection, password: str | None) -> None:
    is_new = connection.scalar(EXISTS, {"name": EXPORTER}) is None
    connection.exec_driver_sql(
        f"{'create' if is_new else 'alter'} role {EXPORTER} login bypassrls nocreatedb nocreaterole"
    )
    connection.exec_driver_sql(f"grant pg_read_all_data to {EXPORTER}")
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"alter role {EXPORTER} set {setting} = 0")
    connection.exec_driver_sql(f"grant insert, update on backups to {EXPORTER}")
    if password is None:
        connection.exec_driver_sql(f"grant rds_iam to {EXPORTER}")
    else:
        literal = sa.text("select quote_literal(:password)")
        connection.exec_driver_sql(
            f"alter role {EXPORTER} password {connection.scalar(literal, {'password': password})}"
        )
