"""The database's roles: who owns the schema, who serves requests, and what each purpose may do.

The application signs in as `recruitpro_app`, which owns nothing and cannot bypass row-level security. For a purpose
that needs other rights it takes on one of the purpose roles for one transaction. `prepare` is idempotent.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

import sqlalchemy as sa

OWNER = "recruitpro_owner"
APP = "recruitpro_app"
PURPOSES = (
    *("recruitpro_sign_in", "recruitpro_dispatcher", "recruitpro_screener", "recruitpro_eraser"),
    "recruitpro_auditor",
)
SEARCHER = "recruitpro_searcher"
OLDEST_POSTGRES = 16
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def driver_url(url: str) -> str:
    """`url` for SQLAlchemy with pg8000, whichever PostgreSQL scheme it came with."""
    scheme, rest = url.split("://", 1)
    if scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("the database URL must begin with postgresql://")
    return "postgresql+pg8000://" + rest


def url_for(url: str, *, user: str, password: str, database: str) -> str:
    """`url`'s server, reached by another user and database."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    account = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(("postgresql", f"{account}@{host}", f"/{database}", "", ""))


def _literal(text: str) -> str:
    """`text` as an SQL string by code points: no character of it means anything to PostgreSQL or to the driver, which
    takes percent signs for parameters outside quotes and leaves them doubled inside."""
    return "U&'" + "".join(f"\\+{ord(character):06x}" for character in text) + "'"


def prepare(superuser_url: str, *, database: str, owner_password: str, app_password: str) -> None:
    """Create the roles and `database` where they are missing, and set both passwords.

    Raises ValueError for a name that is no plain identifier and RuntimeError for a server older than PostgreSQL 16.
    """
    if PLAIN_NAME.fullmatch(database) is None:
        raise ValueError(f"database name {database!r}: use lower-case letters, digits and underscores")
    engine = sa.create_engine(driver_url(superuser_url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        version = connection.scalar(sa.text("select current_setting('server_version_num')::int / 10000"))
        if version < OLDEST_POSTGRES:
            raise RuntimeError(f"PostgreSQL {OLDEST_POSTGRES} or newer is needed, this server is {version}")
        known = set(connection.scalars(sa.text("select rolname from pg_roles")))
        for name in (OWNER, APP, *PURPOSES, SEARCHER):
            login = "login" if name in {OWNER, APP} else "nologin"
            verb = "alter" if name in known else "create"
            connection.exec_driver_sql(f"{verb} role {name} {login} nosuperuser nobypassrls nocreatedb nocreaterole")
        for name, password in ((OWNER, owner_password), (APP, app_password)):
            connection.exec_driver_sql(f"alter role {name} password {_literal(password)}")
        for purpose in PURPOSES:
            connection.exec_driver_sql(f"grant {purpose} to {APP} with inherit false, set true")
        connection.exec_driver_sql(f"grant {SEARCHER} to {OWNER} with inherit true, set true")
        connection.exec_driver_sql(f"alter role {APP} set statement_timeout = '15s'")
        connection.exec_driver_sql(f"alter role {APP} set idle_in_transaction_session_timeout = '60s'")
        connection.exec_driver_sql(f"alter role {APP} set lock_timeout = '5s'")
        exists = connection.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": database})
        if not exists:
            connection.exec_driver_sql(f"create database {database} owner {OWNER} encoding 'UTF8' template template0")
    engine.dispose()
