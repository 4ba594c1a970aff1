"""A whole file as one buffer to search in, whatever its size; memory stays at a few MiB."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from chalicelib.documents.magic import CHUNK_BYTES, Buffer

IN_MEMORY_BYTES = 8 * 1024 * 1024


@contextmanager
def whole(stream: IO[bytes], size_bytes: int) -> Iterator[Buffer]:
    """All of `stream` (seekable, not empty) as bytes or, above 8 MiB, as a mapped temporary file."""
    stream.seek(0)
    if size_bytes <= IN_MEMORY_BYTES:
        yield stream.read()
        return
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file, CHUNK_BYTES)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped
