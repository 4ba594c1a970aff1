"""PDFs object by object, for what no library would write."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

LINES = ("Ada Lovelace", "ada@example.com", "Engineer of analytical engines, Python and PostgreSQL")


def stream(content: bytes, entries: bytes = b"", *, packed: bool = False) -> bytes:
    """A stream object; `entries` join its dictionary."""
    data = zlib.compress(content) if packed else content
    filters = b"/Filter/FlateDecode" if packed else b""
    return b"<<%s%s/Length %d>>stream\n%s\nendstream" % (entries, filters, len(data), data)


def page_of(lines: tuple[str, ...] = LINES, *, packed: bool = True) -> dict[int, bytes]:
    """Objects 1 to 5: a catalogue with one page that shows `lines`. Names that are free start at 6."""
    shown = "".join(f"({line}) Tj 0 -16 Td " for line in lines)
    return {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        4: stream(f"BT /F1 11 Tf 50 780 Td {shown}ET".encode("cp1252"), packed=packed),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }


def with_catalog(objects: Mapping[int, bytes], entries: bytes) -> dict[int, bytes]:
    """The objects, with `entries` added to the catalogue."""
    return {**objects, 1: objects[1][:-2] + entries + b">>"}


def write(objects: Mapping[int, bytes], *, trailer: bytes = b"") -> bytes:
    """The file, with a table of its objects at the end."""
    body, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, content in sorted(objects.items()):
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table_at, count = len(body), max(objects) + 1
    body += b"xref\n0 %d\n0000000000 65535 f \n" % count
    for number in range(1, count):
        body += b"%010d 00000 %s \n" % (places.get(number, 0), b"n" if number in places else b"f")
    body += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (count, trailer, table_at)
    return bytes(body)


def write_packed(
    objects: Mapping[int, bytes],
    *,
    type_entry: bytes = b"/Type/ObjStm",
    lock: Callable[[int, bytes], bytes] = lambda _, content: content,
    trailer: bytes = b"",
) -> bytes:
    """The file with all that is no stream packed into one object stream, as most writers do today; `lock` encrypts the
    data of a stream, given the number of its object."""
    inner = {number: content for number, content in objects.items() if b"stream\n" not in content}
    offsets, packed = [], b""
    for number, content in sorted(inner.items()):
        offsets.append(b"%d %d" % (number, len(packed)))
        packed += content + b" "
    head = b" ".join(offsets) + b" "
    holder, table = max(objects) + 1, max(objects) + 2
    entries = type_entry + b"/N %d/First %d" % (len(inner), len(head))
    outer = {number: content for number, content in objects.items() if number not in inner}
    outer[holder] = stream(head + packed, entries, packed=True)
    outer = {number: _locked(number, content, lock) for number, content in outer.items()}
    places = {number: index for index, number in enumerate(sorted(inner))}
    return _with_table_of_streams(outer, places, holder, table, trailer)


def _locked(number: int, content: bytes, lock: Callable[[int, bytes], bytes]) -> bytes:
    head, mark, rest = content.partition(b"stream\n")
    return head + mark + lock(number, rest.removesuffix(b"\nendstream")) + b"\nendstream"


def _with_table_of_streams(
    outer: dict[int, bytes], inner: dict[int, int], holder: int, table: int, trailer: bytes
) -> bytes:
    body, rows = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {0: b"\0\0\0\0\0\xff"}
    for number, content in sorted(outer.items()):
        rows[number] = b"\1" + len(body).to_bytes(4, "big") + b"\0"
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    for number, index in inner.items():
        rows[number] = b"\2" + holder.to_bytes(4, "big") + bytes([index])
    at = len(body)
    rows[table] = b"\1" + at.to_bytes(4, "big") + b"\0"
    data = b"".join(rows.get(number, b"\0" * 6) for number in range(table + 1))
    entries = b"/Type/XRef/W[1 4 1]/Size %d/Root 1 0 R%s" % (table + 1, trailer)
    body += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, stream(data, entries, packed=True), at)
    return bytes(body)
