"""A PDF that everybody can open and nobody may change, its objects packed and encrypted (RC4, 40 bits, revision 2)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tests.corpus.raw_pdf import write_packed

PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
PERMISSIONS = -44 & 0xFFFFFFFF
FILE_ID = b"0123456789abcdef"


def write_locked(objects: Mapping[int, bytes]) -> bytes:
    """The file; its page can be read without a password."""
    owner = rc4(hashlib.md5(b"owner" + PADDING[:27]).digest()[:5], PADDING)
    key = hashlib.md5(PADDING + owner + PERMISSIONS.to_bytes(4, "little") + FILE_ID).digest()[:5]
    entries = b"/Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -44" % (owner.hex().encode(), rc4(key, PADDING).hex().encode())
    written_id = FILE_ID.hex().encode()

    def lock(number: int, content: bytes) -> bytes:
        return rc4(hashlib.md5(key + number.to_bytes(3, "little") + bytes(2)).digest()[:10], content)

    return write_packed(objects, lock=lock, trailer=b"/Encrypt<<%s>>/ID[<%s><%s>]" % (entries, written_id, written_id))


def rc4(key: bytes, content: bytes) -> bytes:
    """`content` encrypted, or decrypted, with `key`."""
    box, at = list(range(256)), 0
    for place in range(256):
        at = (at + box[place] + key[place % len(key)]) % 256
        box[place], box[at] = box[at], box[place]
    found, first, second = bytearray(), 0, 0
    for byte in content:
        first = (first + 1) % 256
        second = (second + box[first]) % 256
        box[first], box[second] = box[second], box[first]
        found.append(byte ^ box[(box[first] + box[second]) % 256])
    return bytes(found)
