"""The database that is exported, as a role that sees every row of it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import wire
from chalicelib.backups import export_role
from chalicelib.backups.export_role import BYPASSES, EXPORTER
from chalicelib.db import DatabaseUnavailable
from chalicelib.errors import Forbidden
from chalicelib.migrations.roles import url_for
from chalicelib.settings import Settings

CONNECT_SECONDS = 10
# PostgreSQL counts NOT NULL among the constraints from 18 on.
# Constraints, indexes and rules of access, beside rows: counted by kind on both sides. What an extension brought is its
# own matter, since its version may be another one elsewhere.
SHAPE = sa.text("""
    with ours as (select oid from pg_namespace where nspname = 'public'),
    brought as (select classid, objid from pg_depend where deptype = 'e')
    select 'constraints' as kind, count(*) from pg_constraint where connamespace in (table ours) and contype <> 'n'
    union all select 'columns not null', count(*) from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace in (table ours) and relkind = 'r' and attnum > 0 and not attisdropped and attnotnull
    union all select 'constraints not valid', count(*) from pg_constraint
        where connamespace in (table ours) and not convalidated
    union all select 'indexes', count(*) from pg_index join pg_class on pg_class.oid = indexrelid
        where relnamespace in (table ours) and indisvalid
    union all select 'policies', count(*) from pg_policy join pg_class on pg_class.oid = polrelid
        where relnamespace in (table ours)
    union all select 'tables with forced policies', count(*) from pg_class
        where relnamespace in (table ours) and relrowsecurity and relforcerowsecurity
    union all select 'triggers', count(*) from pg_trigger join pg_class on pg_class.oid = tgrelid
        where relnamespace in (table ours) and not tgisinternal
    union all select 'functions', count(*) from pg_proc where pronamespace in (table ours)
        and ('pg_proc'::regclass, oid) not in (table brought)
    union all select 'sequences and views', count(*) from pg_class
        where relnamespace in (table ours) and relkind in ('S', 'v', 'm')
        and ('pg_class'::regclass, oid) not in (table brought)
""")


class ExporterBlind(Forbidden):
    """The role that exports would see a part of the rows only."""

    code = "exporter_blind"


@dataclass(frozen=True, slots=True)
class Source:
    """A server and database, and how to sign in. With a `ca_file` its certificate is verified."""

    url: str = field(repr=False)
    ca_file: str | None = None

    @property
    def database(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a PostgreSQL program: a password never stands in a list of processes."""
        parts = urlsplit(self.url)
        known = {
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port or 5432),
            "PGUSER": unquote(parts.username or ""),
            "PGPASSWORD": unquote(parts.password or ""),
            "PGDATABASE": self.database,
            "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS),
            "PGAPPNAME": "recruitpro-export",
        }
        tls = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": self.ca_file} if self.ca_file else {}
        return {"PATH": os.environ["PATH"], "LC_ALL": "C", **known, **tls}

    def engine(self) -> sa.Engine:
        """A connection at a time, which waits for answers as long as they take."""
        known = {"application_name": "recruitpro-export"}
        tls = {"ssl_context": _tls(self.ca_file)} if self.ca_file else {}
        url = sa.make_url(self.url).set(drivername="postgresql+pg8000")
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=known | tls, hide_parameters=True)
        sa.event.listen(engine, "connect", lambda connection, _: wire.teach(connection))
        return engine


def _tls(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    # As in chalicelib/migrations/administration.py: Python 3.13 refuses what older certificates of RDS leave out.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def from_settings(config: Settings) -> Source:
    """The database by its settings: `export_database_url`, or an IAM token of recruitpro_exporter at the instance
    itself (a proxy would hold a connection for it alone anyway)."""
    ca_file = config.database_direct_ca_file or config.database_ca_file
    if config.export_database_url is not None:
        return Source(config.export_database_url.get_secret_value(), ca_file)
    from chalicelib import clients

    host = config.database_direct_host or config.database_host
    if host is None:
        raise DatabaseUnavailable("RECRUITPRO_EXPORT_DATABASE_URL is not set, nor is RECRUITPRO_DATABASE_DIRECT_HOST")
    token = clients.database_token(config.but(database_user=EXPORTER, database_host=host))
    server = f"postgresql://{host}:{config.database_port}"
    return Source(url_for(server, user=EXPORTER, password=token, database=config.database_name), ca_file)


@dataclass(frozen=True, slots=True)
class Moment:
    """A transaction that goes on seeing one moment, which pg_dump is to see as well by its `snapshot`. `by_policies`
    when this role sees every row because policies show it them, and not because it bypasses them."""

    session: Session
    snapshot: str
    lsn: str
    server_version: str
    revision: str
    shape: dict[str, int]
    roles: list[str]
    by_policies: bool


@contextmanager
def moment(source: Source) -> Iterator[Moment]:
    """Hold one moment of the database; raises ExporterBlind when policies would hide rows from this role."""
    engine = source.engine()
    try:
        with Session(engine) as session:
            session.execute(sa.text("set transaction isolation level repeatable read, read only"))
            session.execute(sa.text("set local idle_in_transaction_session_timeout = 0"))
            _refuse_blind(session)
            one = sa.text("""
                select pg_export_snapshot() as snapshot, pg_current_wal_lsn()::text as lsn,
                    current_setting('server_version') as version, (select version_num from alembic_version) as revision
            """)
            row = session.execute(one).one()
            version, by_policies = row.version.split(" ")[0], not session.scalar(BYPASSES)
            yield Moment(
                session, row.snapshot, row.lsn, version, row.revision, shape(session), _roles(session), by_policies
            )
            session.rollback()
    finally:
        engine.dispose()


def _refuse_blind(session: Session) -> None:
    user = session.scalar(sa.text("select current_user"))
    tables = export_role.hidden(session.connection(), str(user))
    if tables:
        raise ExporterBlind(
            f"{user} may not see every row of {len(tables)} tables, {tables[0]} for one: an export would lack them "
            "(docs/logical-export.md, the role that exports)"
        )


def _roles(session: Session) -> list[str]:
    return list(session.scalars(sa.text("select rolname from pg_roles where rolname not like 'pg\\_%' order by 1")))


def shape(session: Session) -> dict[str, int]:
    """How many constraints, indexes, policies and the like the schema has."""
    return {kind: count for kind, count in session.execute(SHAPE)}  # noqa: C416 - rows, not pairs
