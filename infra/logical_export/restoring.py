"""Restoring a dump into a fresh database of a throwaway server, as the stream comes."""

from __future__ import annotations

import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import sqlalchemy as sa

from chalicelib.errors import Invalid
from chalicelib.migrations import roles
from infra.local.postgres import binaries
from infra.logical_export.dump import last_error
from infra.logical_export.source import Source

# The table of contents stands at the beginning; ours takes a tenth of this.
HEAD_BYTES = 4 * 1024 * 1024
DUMPED_FROM = re.compile(r"Dumped from database version: (\S+)")
QUOTED = re.compile(r'"[^"]*"$')


class RestoreFailed(Invalid):
    """The dump cannot be restored."""

    code = "restore_failed"


@dataclass(frozen=True, slots=True)
class Restored:
    """A database that a dump was restored to, as its superuser, and the version of the server that it came from."""

    source: Source
    dumped_from: str


@contextmanager
def restored(server_url: str, chunks: Iterable[bytes], names: Iterable[str]) -> Iterator[Restored]:
    """A new database at `server_url` (its superuser's) with all that the dump holds, dropped at the end. The dump gives
    rights to roles, which it does not bring: those of these `names` are made where they are missing.

    Raises RestoreFailed, and whatever `chunks` raises: it is read to its end even when restoring has failed, since what
    is wrong with the stream says more than what it does to pg_restore.
    """
    name = f"restored_{secrets.token_hex(6)}"
    passwords = {"owner_password": secrets.token_urlsafe(24), "app_password": secrets.token_urlsafe(24)}
    roles.prepare(server_url, database=name, **passwords)
    for each in names:
        _ensure_role(server_url, each)
    target = Source(f"{server_url.rsplit('/', 1)[0]}/{name}")
    try:
        head = _restore(target, chunks)
        yield Restored(target, _dumped_from(head))
    finally:
        _administer(server_url, f"drop database if exists {name} with (force)")


def _restore(target: Source, chunks: Iterable[bytes]) -> bytes:
    """Feed pg_restore; returns the beginning of the dump."""
    command = [str(binaries() / "pg_restore"), "--exit-on-error", "--no-password", f"--dbname={target.database}"]
    head = bytearray()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said, env=target.variables)
        assert process.stdin is not None
        try:
            for chunk in chunks:
                head += chunk[: max(0, HEAD_BYTES - len(head))]
                with suppress(BrokenPipeError):
                    process.stdin.write(chunk)
            with suppress(BrokenPipeError):
                process.stdin.close()
            ended = process.wait()
        finally:
            process.kill()
            process.wait()
            with suppress(BrokenPipeError):
                process.stdin.close()
        said.seek(0)
        if ended != 0:
            words = last_error(said.read().decode(errors="replace"))
            # The value that a type refused stands at the end, in quotes.
            raise RestoreFailed(f"the dump cannot be restored: {QUOTED.sub('...', words)}")
    return bytes(head)


def _dumped_from(head: bytes) -> str:
    """The server version that the dump itself names."""
    command = [str(binaries() / "pg_restore"), "--list"]
    said = subprocess.run(command, input=head, capture_output=True, check=False, env={"LC_ALL": "C"}).stdout.decode()
    found = DUMPED_FROM.search(said)
    return found[1] if found else "unknown"


def _ensure_role(server_url: str, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    with suppress(sa.exc.ProgrammingError):  # it is there
        _administer(server_url, f"create role {quoted} nologin")


def _administer(server_url: str, statement: str) -> None:
    engine = sa.create_engine(roles.driver_url(server_url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
