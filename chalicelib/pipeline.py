"""Statements of a pg8000 connection in one round trip each, where the driver takes three, and one more to begin.

All that a statement needs goes out at once and ends in one Sync: `begin` when no transaction is open, then what was
put `ahead` of it, then the statement itself, unnamed and with its parameters as text, as the driver has them. An error
makes PostgreSQL skip all that follows up to the Sync, so that nothing ever runs without what was to go before it. No
statement has a name and each one ends with its Sync: no pooler has to keep a server for this connection.

A connection that is left in the middle of an answer (the network, a time-out, what a signal raises) is closed: the rest
would be taken for the answer to the next statement.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from pg8000.converters import make_params, string_in
from pg8000.core import Context
from pg8000.dbapi import convert_paramstyle
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.legacy import Cursor, IntegrityError, ProgrammingError

from chalicelib import tracing

KEPT_TEXTS, LONGEST_KEPT_TEXT, KEPT_SHAPES = 500, 16 * 1024, 500
IDLE, READY, ROW, SHAPE, COMPLETE = b"I", b"Z", b"D", b"T", b"C"
SYNC = b"S\x00\x00\x00\x04"
DESCRIBE = b"D\x00\x00\x00\x06P\x00"
EXECUTE = b"E\x00\x00\x00\x09\x00\x00\x00\x00\x00"
HEAD, LENGTH, COUNT = struct.Struct("!ci"), struct.Struct("!i"), struct.Struct("!H")
NULL = LENGTH.pack(-1)
BEGIN, COMMIT = "begin transaction", "commit"
KINDS: dict[str | None, Any] = {"28000": InterfaceError, "23505": IntegrityError}


def teach(connection: Any) -> None:
    """Let a pg8000 connection send each statement in one piece."""
    connection.ahead = []
    connection.owes_write = connection.is_alone = False
    connection.last = None
    connection.shapes = {}
    connection.cursor = partial(QuickCursor, connection)
    connection.execute_simple = partial(execute_simple, connection)
    connection.rollback = partial(_rollback, connection)
    connection.close = partial(_close, connection, connection.close)


def put_ahead(connection: Any, statement: str, values: tuple[Any, ...], *, is_write: bool = False) -> None:
    """Let the connection's next statement take this one with it, in front and in the same transaction. Nobody gets its
    rows; its error is the other one's, which then is not run. When no statement follows, it goes with the commit if it
    is a write, and is forgotten otherwise."""
    bound = _bind(make_params(connection.py_types, values), "utf8")
    connection.ahead.append(_kept_parse(statement, "utf8") + bound + EXECUTE)
    connection.owes_write = connection.owes_write or is_write


def let_next_be_alone(connection: Any) -> None:
    """Make the connection's next statement a transaction of its own: it is committed when it has been run."""
    connection.is_alone = True


@dataclass(slots=True)
class Last:
    """What goes out in one message with a commit, and is part of its transaction: a statement without parameters whose
    rows nobody gets, then one with them, and its answer."""

    plain: str = ""
    asked: tuple[str, tuple[Any, ...]] | None = None
    answer: Any = None


class QuickCursor(Cursor):  # type: ignore[misc]
    """pg8000's cursor, that sends whatever it executes in one piece."""

    def execute(self, operation: str, args: Any = (), stream: Any = None) -> Any:
        """As the driver's own, to which what is rare is left: COPY, and types that somebody names."""
        connection = self._c
        if connection is None or stream is not None or self._input_oids:
            if connection is not None:
                _send_ahead(connection)
            return super().execute(operation, args, stream)
        self._context = execute(connection, operation, args)
        self._row_iter = iter(self._context.rows or ())
        return self

    def _getDescription(self) -> list[tuple[Any, ...]] | None:  # noqa: N802 - the driver's own name
        return getattr(self._context, "description", None) or None


def as_of_cursor(error: DatabaseError) -> Exception:
    """An error in the classes in which pg8000's cursor raises it."""
    said = error.args[0]
    state = said.get("C") if isinstance(said, dict) else None
    found: Exception = KINDS.get(state, ProgrammingError)(said)
    return found


def execute(connection: Any, operation: str, values: Any) -> Any:
    """Run one statement with what was put ahead of it; the driver's own context, which holds its rows. Raises errors as
    the driver's cursor does."""
    try:
        return _execute(connection, operation, values)
    except DatabaseError as error:
        raise as_of_cursor(error) from None


def _execute(connection: Any, operation: str, values: Any) -> Any:
    if not values:
        # Without parameters it may be several statements, which only the simple protocol takes.
        _send_ahead(connection)
        text = f"{BEGIN};{operation}" if _is_to_begin(connection) else operation
        connection.is_alone = False
        return execute_simple(connection, text, operation)
    encoding = connection._client_encoding
    parse = _kept_parse if len(operation) <= LONGEST_KEPT_TEXT else _parse
    statement = parse(operation, encoding) + _bind(make_params(connection.py_types, values), encoding)
    ahead = _take_ahead(connection)
    context = Context(operation)
    _exchange(connection, b"".join((*ahead, statement, DESCRIBE, EXECUTE, SYNC)), context, len(ahead))
    return context


def execute_simple(connection: Any, text: str, operation: str | None = None) -> Any:
    """One or more statements without parameters, by the simple protocol; what the driver's own gives. `operation` is
    what `text` is told as."""
    context = Context(operation or text)
    _exchange(connection, _message(b"Q", text.encode(connection._client_encoding) + b"\0"), context, 0)
    return context


def commit(connection: Any, last: Last | None) -> None:
    """Commit in one round trip, together with what `last` holds."""
    connection.is_alone = False
    last = last or Last()
    if last.asked is None and not connection.owes_write:
        connection.ahead = []
        if last.plain or connection._in_transaction:
            execute_simple(connection, f"{last.plain};{COMMIT}" if last.plain else COMMIT)
        return
    parts = _take_ahead(connection)
    if last.plain:
        parts.append(_message(b"P", b"\0" + last.plain.encode() + b"\0\0\0") + _bind((), "utf8") + EXECUTE)
    unseen, context = len(parts), Context(last.plain or COMMIT)
    if last.asked is not None:
        text, values = last.asked
        context.statement = text
        parts.append(_kept_parse(text, "utf8") + _bind(make_params(connection.py_types, values), "utf8"))
        parts += (DESCRIBE, EXECUTE)
    parts += (_kept_parse(COMMIT, "utf8"), _bind((), "utf8"), EXECUTE, SYNC)
    _exchange(connection, b"".join(parts), context, unseen)
    last.answer = context


def _is_to_begin(connection: Any) -> bool:
    return not (connection._in_transaction or connection.autocommit or connection.is_alone)


def _take_ahead(connection: Any) -> list[bytes]:
    """What goes before the next statement; it is taken once, whatever becomes of it."""
    ahead = [_kept_parse(BEGIN, "utf8") + _bind((), "utf8") + EXECUTE] if _is_to_begin(connection) else []
    ahead += connection.ahead
    connection.ahead, connection.owes_write, connection.is_alone = [], False, False
    return ahead


def _send_ahead(connection: Any) -> None:
    """Send what is to go before the next statement by itself, where that one cannot take it along."""
    if connection.ahead:
        ahead = _take_ahead(connection)
        _exchange(connection, b"".join((*ahead, SYNC)), Context(BEGIN), len(ahead))


def _exchange(connection: Any, message: bytes, context: Any, unseen: int) -> None:
    """Send `message` and read the answer to its end into `context`; of the first `unseen` statements only errors."""
    if connection._sock is None:
        raise InterfaceError("connection is closed")
    started = time.perf_counter()
    try:
        connection._sock.write(message)
        connection._sock.flush()
        rows = _receive(connection, context, unseen)
    except BaseException as error:
        _abandon(connection)
        if isinstance(error, OSError):
            # SQLAlchemy knows by these words that the connection is lost.
            raise InterfaceError("network error") from error
        raise
    finally:
        tracing.spent(context.statement, time.perf_counter() - started)
    if context.error is not None:
        raise context.error
    # Only now that the answer is read to its end: a value that cannot be read must not leave the rest of it behind.
    _settle(connection, context, rows)


def _receive(connection: Any, context: Any, unseen: int) -> list[bytes]:
    read, take = connection._sock.read, connection.message_types
    rows: list[bytes] = []
    code = b""
    while code != READY:
        code, length = HEAD.unpack(_whole(read(5), 5))
        data = _whole(read(length - 4), length - 4) if length > 4 else b""
        if code == ROW:
            if not unseen:
                rows.append(data)
        elif code == COMPLETE and unseen:
            unseen -= 1
        elif code == SHAPE:
            _settle(connection, context, rows)
            rows = []
            _take_shape(connection, context, data)
        else:
            take[code](data, context)
    return rows


def _whole(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise InterfaceError("network error")
    return data


def _take_shape(connection: Any, context: Any, data: bytes) -> None:
    """Columns, how to read them, and their description; a connection sees the same few again and again."""
    shape = connection.shapes.get(data)
    if shape is None:
        connection.handle_ROW_DESCRIPTION(data, context)
        readers = [None if reader is string_in else reader for reader in context.input_funcs]
        described = [(column["name"], column["type_oid"], *[None] * 5) for column in context.columns]
        shape = context.columns, readers, described, tuple(column["name"] for column in context.columns)
        if len(connection.shapes) >= KEPT_SHAPES:
            connection.shapes.clear()
        connection.shapes[data] = shape
    context.columns, context.input_funcs, context.description, context.names = shape
    if context.rows is None:
        context.rows = []


def _settle(connection: Any, context: Any, rows: list[bytes]) -> None:
    """Add `rows` to the context, read as their columns are."""
    encoding, readers, length_at = connection._client_encoding, context.input_funcs, LENGTH.unpack_from
    for data in rows:
        at = 2
        # Each byte as one character: a value that is ASCII, as most are, is a part of this as it stands.
        characters = data.decode("latin-1")
        row: list[Any] = []
        for read in readers:
            (length,) = length_at(data, at)
            at += 4
            if length < 0:
                row.append(None)
                continue
            text = characters[at : at + length]
            if not text.isascii():
                text = data[at : at + length].decode(encoding)
            at += length
            row.append(text if read is None else read(text))
        context.rows.append(row)


def _message(code: bytes, data: bytes) -> bytes:
    return code + LENGTH.pack(len(data) + 4) + data


def _parse(operation: str, encoding: str) -> bytes:
    numbered, _ = convert_paramstyle("format", operation, ())
    return _message(b"P", b"\0" + numbered.encode(encoding) + b"\0\0\0")


# The driver looks at every character of a statement each time that it sends it.
_kept_parse = lru_cache(KEPT_TEXTS)(_parse)


def _bind(values: tuple[str | None, ...], encoding: str) -> bytes:
    parts = [b"\0\0\0\0", COUNT.pack(len(values))]
    for value in values:
        if value is None:
            parts.append(NULL)
        else:
            text = value.encode(encoding)
            parts += (LENGTH.pack(len(text)), text)
    parts.append(b"\0\0")
    return _message(b"B", b"".join(parts))


def _rollback(connection: Any) -> None:
    connection.ahead, connection.owes_write, connection.is_alone, connection.last = [], False, False, None
    if connection._in_transaction:
        execute_simple(connection, "rollback")


def _abandon(connection: Any) -> None:
    """Close the socket without another word; PostgreSQL rolls back what was open."""
    sock, usock = connection._sock, connection._usock
    connection._sock = connection._usock = None
    connection._transaction_status = IDLE
    with suppress(OSError):
        usock.shutdown(socket.SHUT_RDWR)
    for end in (sock, usock):
        with suppress(OSError):
            end.close()


def _close(connection: Any, close: Any) -> None:
    if connection._usock is not None:
        close()
