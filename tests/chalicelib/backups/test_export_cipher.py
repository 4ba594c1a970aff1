"""An encrypted export is what was written, or it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.backups.export_cipher import (
    CHUNK_BYTES,
    HEADER_BYTES,
    MAGIC,
    MARK_BYTES,
    ExportDamaged,
    decrypt,
    encrypt,
    pieces,
    subkey,
)

KEY, NAME = bytes(range(32)), "exports/2026/W47/20261122T030000Z"
HEADER, FRAME = len(MAGIC) + HEADER_BYTES, CHUNK_BYTES + MARK_BYTES
PLAIN = bytes(range(256)) * (CHUNK_BYTES // 256) * 2 + b"and a bit"


def encrypted(plain: bytes = PLAIN, key: bytes = KEY, name: str = NAME) -> bytes:
    return b"".join(encrypt([plain], key, name=name))


def decrypted(content: bytes, key: bytes = KEY, name: str = NAME) -> bytes:
    return b"".join(decrypt([content], key, name=name))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_any_length_comes_back(size: int) -> None:
    content = encrypted(PLAIN[:size])

    assert decrypted(content) == PLAIN[:size]
    assert len(content) == HEADER + size + MARK_BYTES * max(1, -(-size // CHUNK_BYTES))


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_pieces_are_what_was_given_whatever_its_cut(chunks: list[bytes], size: int) -> None:
    found = list(pieces(chunks, size))

    assert b"".join(found) == b"".join(chunks)
    assert all(len(piece) == size for piece in found[:-1])
    assert len(found) == 1 or 0 < len(found[-1]) <= size


@pytest.mark.parametrize("at", [0, 7, HEADER - 1])
def test_a_header_cut_off_is_refused(at: int) -> None:
    with pytest.raises(ExportDamaged):
        decrypted(encrypted()[:at])


@pytest.mark.parametrize("at", [HEADER, HEADER + 1, HEADER + FRAME, HEADER + FRAME + 20, HEADER + 2 * FRAME, -1])
def test_a_stream_cut_off_anywhere_is_refused(at: int) -> None:
    with pytest.raises(ExportDamaged):
        decrypted(encrypted()[:at])


@pytest.mark.parametrize("at", [0, len(MAGIC), HEADER, HEADER + FRAME - 1, HEADER + FRAME, -1])
def test_a_byte_changed_anywhere_is_refused(at: int) -> None:
    content = bytearray(encrypted())
    content[at] ^= 1

    with pytest.raises(ExportDamaged):
        decrypted(bytes(content))


def test_another_key_another_name_and_more_than_there_was_are_refused() -> None:
    content = encrypted()
    repeated = content[:HEADER] + content[HEADER + FRAME : HEADER + 2 * FRAME] + content[HEADER:]
    wrong = [
        (content, bytes(32), NAME),
        (content, KEY, "exports/2026/W46/20261115T030000Z"),
        (content + b"x", KEY, NAME),
        (content + content, KEY, NAME),
        (repeated, KEY, NAME),
    ]
    for each in wrong:
        with pytest.raises(ExportDamaged):
            decrypted(*each)


def test_nothing_of_a_damaged_chunk_is_handed_on() -> None:
    content = bytearray(encrypted())
    content[HEADER + FRAME + 5] ^= 1
    chunks = decrypt([bytes(content)], KEY, name=NAME)

    assert next(chunks) == PLAIN[:CHUNK_BYTES]
    with pytest.raises(ExportDamaged, match="chunk 2"):
        next(chunks)


def test_what_signs_never_encrypts() -> None:
    assert len({KEY, subkey(KEY, "stream"), subkey(KEY, "manifest")}) == 3
