"""The database: one engine per process, and transactions that know whose data they may see.

A transaction belongs to at most one organization, set with `set_config(..., true)` so that it ends with the
transaction, and to one role: the application's own, or one that fits a narrower purpose. Nothing here ever runs in
AUTOCOMMIT: through a transaction pooler pg8000 gives wrong results that way (docs/decisions/0003). A statement that
`ask_alone` sends is a transaction of its own, and all of it goes out in one message, which a pooler cannot part.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from chalicelib import pipeline, tracing, wire
from chalicelib.errors import Conflict, Unavailable
from chalicelib.logs import log
from chalicelib.migrations.roles import driver_url
from chalicelib.prepared import Prepared, one_of, rows_of, watched
from chalicelib.settings import Settings, settings

SERIALIZATION_FAILURES = {"40001", "40P01", "55P03", "57014", "57P01", "57P03", "25P03", "08006", "08003", "53300"}
NAMES_NOTHING = "23503"
PING_AFTER_SECONDS = 1.0
Hook = Callable[[], None]
# Every moment is kept aware, in UTC.
Moment = sa.DateTime(timezone=True)
ACT_FOR = """
    select set_config('app.organization_id', %s, true), set_config('role', %s, true),
        set_config('app.user_id', %s, true), set_config('app.user_role', %s, true),
        set_config('app.trace_id', %s, true)
"""
TRACE_AS = "select set_config('app.trace_id', %s, true)"


class Role(StrEnum):
    """What a transaction is for; the database grants each role no more than its purpose needs."""

    APP = "none"
    SIGN_IN = "recruitpro_sign_in"
    DISPATCHER = "recruitpro_dispatcher"
    SCREENER = "recruitpro_screener"
    ERASER = "recruitpro_eraser"
    AUDITOR = "recruitpro_auditor"


class Base(DeclarativeBase):
    """What all tables share."""


def newest_first(column: Any) -> sa.UnaryExpression[Any]:
    """The order by this id, as indexes of lists have it and no primary key does: read backward past every newer row of
    other organizations, that looks like the shortest way to the planner (0015_newest_first.sql)."""
    newest: sa.UnaryExpression[Any] = column.desc().nulls_last()
    return newest


class DatabaseUnavailable(Unavailable):
    """PostgreSQL or the proxy does not answer, or gave up on this transaction; nothing was written."""

    code = "database_unavailable"


class GoneMeanwhile(Conflict):
    """What a row was to belong to has been erased since it was looked up; a second look finds nothing."""

    code = "gone_meanwhile"
    retries = True


@cache
def _tls(ca_file: str) -> ssl.SSLContext:
    # pg8000's own default builds a context per connection and verifies nothing.
    return ssl.create_default_context(cafile=ca_file)


def _url(config: Settings) -> sa.URL:
    if config.database_url is not None:
        return sa.make_url(driver_url(config.database_url.get_secret_value()))
    if config.database_host is None:
        raise DatabaseUnavailable("neither RECRUITPRO_DATABASE_URL nor RECRUITPRO_DATABASE_HOST is set")
    return sa.URL.create(
        "postgresql+pg8000",
        username=config.database_user,
        host=config.database_host,
        port=config.database_port,
        database=config.database_name,
    )


def build_engine(config: Settings) -> sa.Engine:
    """An engine by `config`: pooled as configured, TLS verified when a CA is named, IAM token per connection."""
    arguments: dict[str, Any] = {"timeout": config.database_connect_timeout_seconds, "application_name": "recruitpro"}
    if config.database_ca_file is not None:
        arguments["ssl_context"] = _tls(config.database_ca_file)
    engine = sa.create_engine(
        _url(config),
        connect_args=arguments,
        pool_size=config.database_pool_size,
        max_overflow=config.database_max_overflow,
        pool_timeout=config.database_pool_timeout_seconds,
        pool_recycle=config.database_pool_recycle_seconds,
        pool_use_lifo=True,
        # They are names, addresses and hashes, and an error that nobody expected is logged with its words.
        hide_parameters=True,
    )
    engine.dialect.colspecs = {**engine.dialect.colspecs, sa.ARRAY: wire.Array}
    if config.database_url is None:
        _sign_in_by_iam(engine, config)
    _name_silence(engine)
    if config.database_pool_pre_ping:
        _ping_when_in_doubt(engine)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        wire.teach(connection)
        # pg8000 keeps its connect time-out for every answer that follows, and leaves Nagle's algorithm on: a statement
        # that fills its write buffer of 8 KB then waits 40 ms for an acknowledgement.
        connection._usock.settimeout(config.database_answer_timeout_seconds)
        if connection._usock.family != socket.AF_UNIX:
            connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    return engine


def _ping_when_in_doubt(engine: sa.Engine) -> None:
    """Test a connection before it is used, unless it was in use a moment ago and its server has said nothing since.

    A request takes a connection twice, and SQLAlchemy's own pre-ping would test it each time, at three round trips.
    """

    @sa.event.listens_for(engine, "checkin")
    def rest(_connection: object, record: Any) -> None:
        # The time on the wall: the monotonic clock may stand still while Lambda keeps a container frozen.
        record.info["rests_since"] = time.time()

    @sa.event.listens_for(engine, "checkout")
    def wake(connection: Any, record: Any, _proxy: object) -> None:
        rests_since = record.info.get("rests_since")
        if rests_since is None:
            return
        if 0 <= time.time() - rests_since < PING_AFTER_SECONDS and not _has_spoken(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except (engine.dialect.loaded_dbapi.Error, OSError):
            # Older ones of the pool are as dead: all are replaced, and this checkout gets a new one.
            raise sa.exc.InvalidatePoolError from None


def _has_spoken(connection: Any) -> bool:
    """Whether the server sent something unasked: that it ends the connection, most likely. Costs no round trip."""
    if connection._usock is None:
        return True
    waiting = select.poll()
    waiting.register(connection._usock, select.POLLIN)
    return bool(waiting.poll(0))


def _sign_in_by_iam(engine: sa.Engine, config: Settings) -> None:
    @sa.event.listens_for(engine, "do_connect")
    def add_token(_dialect: object, _record: object, _args: object, parameters: dict[str, Any]) -> None:
        from chalicelib import clients

        parameters["password"] = clients.database_token(config)


def _name_silence(engine: sa.Engine) -> None:
    """A server that takes a connection and then says nothing, or hangs up: pg8000 raises the bare socket error, which
    SQLAlchemy does not know for one of the database."""

    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: object, arguments: Any, parameters: dict[str, Any]) -> Any:
        try:
            return dialect.connect(*arguments, **parameters)
        except OSError as error:
            raise dialect.loaded_dbapi.OperationalError(str(error)) from error


@cache
def engine() -> sa.Engine:
    """The engine of this process, made when first asked for."""
    return build_engine(settings())


def before_commit(session: Session, hook: Hook) -> None:
    """Run `hook` inside the transaction, after everything else and right before it commits."""
    session.info["before_commit"].append(hook)


def after_commit(session: Session, hook: Hook) -> None:
    """Run `hook` once the transaction is committed; never when it is not."""
    session.info["after_commit"].append(hook)


def add_to_commit(session: Session, statement: str) -> None:
    """Send `statement` in the same message as the commit, where it costs no round trip. It may hold no text of
    anybody's: there are no parameters."""
    _last(session).plain = statement


def ask_with_commit(
    session: Session, statement: Prepared, values: Mapping[str, Any], then: Callable[[list[Any]], None]
) -> None:
    """Send `statement` in the same message as the commit; `then` gets its rows before the hooks of `after_commit` run.
    A transaction has one such statement, and nothing is committed when it fails."""
    last = _last(session)
    assert last.asked is None, "this transaction asks something with its commit already"
    last.asked = statement.bound(session.connection().dialect, values)
    session.info["then"] = then


def _last(session: Session) -> pipeline.Last:
    last: pipeline.Last = session.info.setdefault("last", pipeline.Last())
    return last


def ask(session: Session, statement: Prepared, values: Mapping[str, Any]) -> list[Any]:
    """The rows of a prepared statement, in the transaction in hand. Raises what the session raises."""
    return statement.ask(session.connection(), values)


def write_at_once(statement: str) -> None:
    """Run one statement in a transaction of its own, in one round trip; it may hold what `add_to_commit` may. Raises
    DatabaseUnavailable."""
    with faults_named(), engine().connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.execute_simple(statement)
        except engine().dialect.loaded_dbapi.Error as error:
            # Past SQLAlchemy, which would have seen that this connection is of no use any more.
            connection.invalidate()
            raise DatabaseUnavailable("the database does not answer now; try again") from error


def ask_one(session: Session, model: type[Base], row_id: UUID, organization_id: UUID) -> Any | None:
    """The living row of a table with this id, past the session: to be read, and not to be changed. None without."""
    return next(iter(ask(session, one_of(model), {"id": row_id, "organization_id": organization_id})), None)


def ask_alone(statement: Prepared, parameters: Mapping[str, Any]) -> Any:
    """The one row of a statement that is a transaction of its own, in one round trip. Raises DatabaseUnavailable."""
    with faults_named(), engine().connect() as connection:
        pipeline.let_next_be_alone(connection.connection.dbapi_connection)
        (row,) = statement.ask(connection, parameters)
        return row


def act_for(
    session: Session,
    organization_id: UUID | None,
    role: Role = Role.APP,
    *,
    user_id: UUID | None = None,
    user_role: str = "",
) -> None:
    """Let the transaction in hand see `organization_id` and no other, with the rights of `role`.

    `user_id` is who asks, with the role `user_role` in the organization: they see of private projects what they may
    see. Nobody is the system itself, as in jobs, and sees them all.
    """
    session.info["organization_id"] = organization_id
    # Rows that are written take the trace over (0019_traces.sql).
    trace_id = tracing.trace_id() or ""
    _put_ahead(session, ACT_FOR, str(organization_id or ""), role.value, str(user_id or ""), user_role, trace_id)


def trace_on(session: Session) -> None:
    """Let what is written from here on belong to the trace in hand, for which the transaction was not begun."""
    _put_ahead(session, TRACE_AS, tracing.trace_id() or "")


def _put_ahead(session: Session, statement: str, *values: str) -> None:
    # It travels with the next statement, which is not run without it.
    pipeline.put_ahead(session.connection().connection.dbapi_connection, statement, values)


@contextmanager
def transaction(
    organization_id: UUID | None = None, role: Role = Role.APP, *, user_id: UUID | None = None, user_role: str = ""
) -> Iterator[Session]:
    """A session in one transaction: committed at the end, rolled back on any error, hooks run around the commit. Whose
    data it may see is said as to `act_for`.

    Raises DatabaseUnavailable when the database is out of reach or gave up (deadlock, time-out).
    """
    session = Session(engine(), expire_on_commit=False, autoflush=False)
    session.info.update(before_commit=[], after_commit=[])
    with faults_named(), session:
        act_for(session, organization_id, role, user_id=user_id, user_role=user_role)
        yield session
        session.flush()
        for hook in session.info["before_commit"]:
            hook()
        last = _commit(session)
    if last is not None and last.asked is not None:
        session.info["then"](rows_of(last.answer))
    for hook in session.info["after_commit"]:
        hook()


def _commit(session: Session) -> pipeline.Last | None:
    last: pipeline.Last | None = session.info.get("last")
    if last is None:
        session.commit()
        return None
    connection = session.connection()
    driver: Any = connection.connection.dbapi_connection
    driver.last = last
    if last.asked is None:
        session.commit()
    else:
        watched(connection, *last.asked, session.commit)
    return last


@contextmanager
def faults_named() -> Iterator[None]:
    """Work on the database in which its being out of reach, or giving up, is raised as DatabaseUnavailable."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, TimeoutError, ConnectionError) as error:
        # A socket that falls silent in the middle of an answer raises what it is, past SQLAlchemy.
        raise DatabaseUnavailable("the database does not answer now; try again") from error
    except DBAPIError as error:
        # pg8000 calls all that the server says a ProgrammingError, "too many connections" included.
        if sql_state(error) in SERIALIZATION_FAILURES or error.connection_invalidated:
            raise DatabaseUnavailable("the database gave up on this request; try again") from error
        if sql_state(error) == NAMES_NOTHING:
            log.warning("named_what_is_gone", constraint=constraint_of(error))
            raise GoneMeanwhile("something this is about was removed in this very moment; look again") from error
        raise


def state_behind(error: BaseException) -> str | None:
    """The code that PostgreSQL gave, of `error` or of what it was made from; None when it said nothing."""
    source = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
    return sql_state(source) if isinstance(source, DBAPIError) else None


def sql_state(error: DBAPIError) -> str | None:
    """PostgreSQL's five-character code of `error`, when the server gave one."""
    detail = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return detail.get("C") if isinstance(detail, dict) else None


def constraint_of(error: DBAPIError) -> str | None:
    """The name of the constraint or unique index that `error` broke."""
    detail = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return detail.get("n") if isinstance(detail, dict) else None
