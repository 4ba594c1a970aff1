"""pg_dump as a stream, of one moment that another transaction holds."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache

from chalicelib.errors import Unavailable
from infra.local.postgres import binaries
from infra.logical_export.source import Source

READ_BYTES = 256 * 1024
PATIENCE = "60s"
UNSUPPORTED = "does not support compression"
NOWHERE = ("--host=127.0.0.1", "--port=1")


class DumpFailed(Unavailable):
    """pg_dump did not come to its end."""

    code = "dump_failed"


@cache
def compression() -> str:
    """zstd where pg_dump was built with it, else gzip, which takes some four times as long."""
    command = [str(binaries() / "pg_dump"), "--format=custom", "--compress=zstd", *NOWHERE, "nothing"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"}).stderr
    return "gzip:6" if UNSUPPORTED in said else "zstd:3"


def dump(source: Source, snapshot: str, options: Sequence[str] = ()) -> Iterator[bytes]:
    """A dump in the custom format, as pg_dump writes it. Raises DumpFailed when it did not end well: whoever stores the
    stream must then forget it."""
    command = [
        str(binaries() / "pg_dump"),
        *("--format=custom", f"--compress={compression()}", f"--snapshot={snapshot}"),
        *("--no-password", f"--lock-wait-timeout={PATIENCE}", "--no-publications", "--no-subscriptions"),
        *options,
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=source.variables)
        assert process.stdout is not None
        try:
            while chunk := process.stdout.read(READ_BYTES):
                yield chunk
            if process.wait() != 0:
                said.seek(0)
                raise DumpFailed(f"pg_dump failed: {last_error(said.read().decode(errors='replace'))}")
        finally:
            process.stdout.close()
            process.kill()
            process.wait()


def last_error(said: str) -> str:
    """The first error that a PostgreSQL program named, without the values that its details quote."""
    lines = [line.strip() for line in said.splitlines() if "error:" in line]
    return lines[0] if lines else "it said nothing"
