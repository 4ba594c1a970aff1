"""The cipher of an export: libsodium's secretstream, chunk by chunk, in memory for one chunk.

Each chunk is authenticated together with its place and with the export's name, and the last one says that it is the
last: cut, swapped, repeated or foreign chunks are refused, and nothing of a refused chunk is handed on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from nacl import bindings
from nacl.exceptions import CryptoError

from chalicelib.errors import Invalid

MAGIC = b"RPEXPORT"
CHUNK_BYTES = 1024 * 1024
MARK_BYTES = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
HEADER_BYTES = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
KEY_BYTES = bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES
MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class ExportDamaged(Invalid):
    """An export is not what was written."""

    code = "export_damaged"


def subkey(data_key: bytes, purpose: str) -> bytes:
    """A key for one purpose (16 characters at most) of a data key: what signs never encrypts."""
    return hashlib.blake2b(key=data_key, person=purpose.encode(), digest_size=KEY_BYTES).digest()


def encrypt(chunks: Iterable[bytes], data_key: bytes, *, name: str) -> Iterator[bytes]:
    """The encrypted stream of an export called `name`; `chunks` may be of any size."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    header = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, subkey(data_key, "stream"))
    yield MAGIC + header
    waiting = pieces(chunks, CHUNK_BYTES)
    held = next(waiting)
    for piece in waiting:
        yield _push(state, held, name, MESSAGE)
        held = piece
    yield _push(state, held, name, FINAL)


def decrypt(chunks: Iterable[bytes], data_key: bytes, *, name: str) -> Iterator[bytes]:
    """What was encrypted under this name; raises ExportDamaged at the first chunk that is not what it was, and at the
    end when it is not the end that was written."""
    reader = _Reader(chunks)
    if reader.take(len(MAGIC)) != MAGIC:
        raise ExportDamaged("the encrypted dump does not begin as one")
    header = reader.take(HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        raise ExportDamaged("the encrypted dump is cut off within its header")
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, subkey(data_key, "stream"))
    number, tag = 0, MESSAGE
    while tag != FINAL:
        number += 1
        content, tag = _pull(state, reader.take(CHUNK_BYTES + MARK_BYTES), name, number)
        yield content
    if reader.take(1):
        raise ExportDamaged("the encrypted dump goes on after its last chunk")


def pieces(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The chunks cut to pieces of exactly `size` bytes, the last one shorter; an empty one when there is nothing."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        # One byte more than a piece, so that the last piece is never an empty one after a full one.
        while len(waiting) > size:
            yield bytes(waiting[:size])
            del waiting[:size]
    yield bytes(waiting)


def _push(state: bindings.crypto_secretstream_xchacha20poly1305_state, content: bytes, name: str, tag: int) -> bytes:
    return bindings.crypto_secretstream_xchacha20poly1305_push(state, content, name.encode(), tag)


def _pull(
    state: bindings.crypto_secretstream_xchacha20poly1305_state, chunk: bytes, name: str, number: int
) -> tuple[bytes, int]:
    if len(chunk) < MARK_BYTES:
        raise ExportDamaged(f"the encrypted dump is cut off: it ends where chunk {number} should follow")
    try:
        return bindings.crypto_secretstream_xchacha20poly1305_pull(state, chunk, name.encode())
    except (CryptoError, RuntimeError) as error:
        raise ExportDamaged(
            f"the encrypted dump is damaged: chunk {number} is not the one that was written under this name and key"
        ) from error


class _Reader:
    """Takes bytes by number from chunks of any size."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._waiting = iter(chunks), bytearray()

    def take(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end."""
        while len(self._waiting) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._waiting += chunk
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken
