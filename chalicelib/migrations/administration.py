"""The database as its master reaches it, past the proxy: to prepare it, to migrate it, to change a password."""

from __future__ import annotations

import json
import ssl
from functools import cache
from typing import Any

import sqlalchemy as sa

from chalicelib import clients
from chalicelib.migrations import roles
from chalicelib.settings import Settings
from chalicelib.vault import CURRENT

CONNECT_SECONDS = 10
LONGEST_STATEMENT_SECONDS = 880  # below the 15 minutes of a function


class NoAdministration(RuntimeError):
    """The settings name no database that could be administered, or a secret that does not hold what it should."""


def secret_of(arn: str | None, what: str) -> dict[str, str]:
    """The user name and password in a secret, as they are now; raises NoAdministration."""
    if arn is None:
        raise NoAdministration(f"RECRUITPRO_DATABASE_{what.upper()}_SECRET_ARN is not set")
    # Never kept: RDS changes the master's password every week while containers live on.
    return credentials(clients.secret_version(arn, CURRENT), what)


def credentials(text: str | None, what: str) -> dict[str, str]:
    """What a secret's text says; raises NoAdministration, which quotes none of it, unless user name and password are
    in it."""
    try:
        said = json.loads(text or "")
        return {**said, "username": str(said["username"]), "password": str(said["password"])}
    except (ValueError, TypeError, KeyError):
        raise NoAdministration(f"the secret of the {what} holds no user name and password") from None


def engine_as(config: Settings, username: str, password: str, database: str) -> sa.Engine:
    """An engine to the database itself: TLS verified when a CA is named, no pool; raises NoAdministration."""
    if config.database_direct_host is None:
        raise NoAdministration("RECRUITPRO_DATABASE_DIRECT_HOST is not set")
    url = sa.URL.create(
        "postgresql+pg8000",
        username=username,
        password=password,
        host=config.database_direct_host,
        port=config.database_port,
        database=database,
    )
    arguments: dict[str, Any] = {"timeout": CONNECT_SECONDS, "application_name": "recruitpro-administration"}
    if config.database_direct_ca_file is not None:
        arguments["ssl_context"] = _tls(config.database_direct_ca_file)
    engine = sa.create_engine(url, connect_args=arguments, poolclass=sa.NullPool, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def be_patient(connection: Any, _record: object) -> None:
        # pg8000 keeps its connect time-out for every answer that follows: no index of a large table would be built.
        connection._usock.settimeout(LONGEST_STATEMENT_SECONDS)

    return engine


def master_engine(config: Settings, database: str = "postgres") -> sa.Engine:
    """An engine as the master; raises NoAdministration."""
    master = secret_of(config.database_master_secret_arn, "master")
    return engine_as(config, master["username"], master["password"], database)


def owner_engine(config: Settings) -> sa.Engine:
    """An engine as the master in the owner's role, to our database; raises NoAdministration."""
    return roles.act_as_owner(master_engine(config, config.database_name))


def prepare(config: Settings) -> list[str]:
    """Roles and database as they should be, and the application's password as its secret says; what was changed."""
    password = secret_of(config.database_app_secret_arn, "app")["password"]
    return roles.prepare(master_engine(config), database=config.database_name, app_password=password)


def database_exists(config: Settings) -> bool:
    """Whether our database is there, as the master sees it."""
    engine = master_engine(config)
    with engine.connect() as connection:
        query = sa.text("select exists (select from pg_database where datname = :name)")
        return bool(connection.scalar(query, {"name": config.database_name}))


@cache
def _tls(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    # Python 3.13 refuses what older certificates of RDS leave out. The chain, the name and the dates are checked still.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
