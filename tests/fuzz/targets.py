"""One function for each place where a stranger's bytes are read; whatever it raises is a finding.

Each takes the first byte as a choice where there is one, and asserts beside "no exception but the declared ones" that
nothing is invented: a cell, a key or a cursor that comes out was in what went in.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import unquote_plus

from chalicelib.bulk_imports.csv_rows import csv_records
from chalicelib.bulk_imports.encodings import detect_encoding
from chalicelib.bulk_imports.formats import open_rows
from chalicelib.bulk_imports.lines import line_pieces
from chalicelib.bulk_imports.reading_errors import ImportUnreadable
from chalicelib.documents.limits import Budget, StructureLimits
from chalicelib.documents.models import ids_in_key, object_key
from chalicelib.documents.structure import CONTENT_TYPES, EXTENSIONS, FileType, StructureRefused, inspect
from chalicelib.documents.zip_layout import read_layout
from chalicelib.http.paging import BadCursor, next_position, position_of
from chalicelib.resumes import sandbox, warden
from chalicelib.resumes.errors import Unreadable
from chalicelib.resumes.limits import ReadingLimits
from tests.corpus import clean, evasion
from tests.corpus.sample import Sample

MIB = 1024 * 1024
LIMITS = StructureLimits(max_unpacked_bytes=4 * MIB)
READING = ReadingLimits(timeout_seconds=10, memory_mib=512, max_pages=20, max_characters=50_000)
LIST = "candidates"


@dataclass(frozen=True, slots=True)
class Target:
    """`run` takes any bytes; `seeds` are good ones to start from."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def csv_rows(content: bytes) -> None:
    delimiter = ",;\t|"[content[0] % 4] if content else ","
    stream = io.BytesIO(content[1:])
    encoding = detect_encoding(stream)
    stream.seek(encoding.mark_bytes)
    text = stream.read().decode(encoding.name, "replace")
    last = 0
    for record in csv_records(line_pieces(stream, encoding), delimiter):
        assert record.line > last, "records come in order"
        last = record.line
        assert not (record.cells and record.problem), "a refused row shows no cells"
        for cell in record.cells:
            # A quotation mark within a quoted cell is written twice; one outside stands as it is.
            assert cell in text or cell.replace('"', '""') in text or '"' in text, "a cell is what stands in the file"


def import_rows(content: bytes) -> None:
    names = ("people.csv", "people.json", "people.jsonl", "people.xlsx")
    filename = names[content[0] % 4] if content else names[0]
    last = 0
    try:
        for row in open_rows(io.BytesIO(content[1:]), filename=filename).rows():
            assert row.line >= last, "rows come in order"
            last = row.line
            assert isinstance(row.values, dict)
            json.dumps(row.values)
    except ImportUnreadable:
        return


def docx_reading(content: bytes) -> None:
    is_part, content = content[:1] < b"\x80", content[1:]
    told = sandbox.answer(_docx(content) if is_part else content, "cv.docx", READING)
    _accept_answer(json.dumps(told).encode())


def sandbox_answers(content: bytes) -> None:
    """The boundary to the process that reads PDFs: whatever a taken-over process answers."""
    _accept_answer(content)


def _accept_answer(message: bytes) -> None:
    try:
        pages = warden._pages(sandbox.EXIT_ANSWERED, message)
    except Unreadable:
        return
    assert all(isinstance(page, str) and "\f" not in page and "\0" not in page for page in pages)
    told = json.loads(message)["pages"]
    assert pages == told, "pages are what was told"


def cursors(content: bytes) -> None:
    cursor = content.decode("utf-8", "replace")
    try:
        position = position_of(cursor, LIST)
    except BadCursor:
        return
    assert next_position(position, LIST) == cursor, "a cursor that is taken is one that was given out"


def keys(content: bytes) -> None:
    key = unquote_plus(content.decode("utf-8", "replace"))
    try:
        ids = ids_in_key(key)
    except ValueError:
        return
    assert object_key(*ids) == key, "one document has one key"


def gate(content: bytes) -> None:
    file_type = list(FileType)[content[0] % len(FileType)] if content else FileType.PDF
    content = content[1:]
    kind = "import" if file_type in (FileType.CSV, FileType.XLSX, FileType.JSON, FileType.JSONL) else "other"
    try:
        found = inspect(
            io.BytesIO(content),
            filename=f"cv.{file_type}",
            content_type=min(CONTENT_TYPES[file_type]),
            size_bytes=len(content),
            kind=kind,
            limits=LIMITS,
        )
    except StructureRefused:
        return
    assert found is file_type


def zip_layout(content: bytes) -> None:
    """What the gate takes, the standard library reads the same way."""
    try:
        entries = read_layout(io.BytesIO(content), len(content), Budget(LIMITS))
    except StructureRefused:
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        listed = {entry.header_offset: entry.file_size for entry in archive.infolist()}
    assert listed == {entry.header_at: entry.size_bytes for entry in entries}, "two readers see one content"


def _docx(part: bytes) -> bytes:
    target = io.BytesIO(_template())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as package:
        package.writestr("word/document.xml", part)
    return target.getvalue()


@cache
def _template() -> bytes:
    """A document without its main part."""
    from tests import samples

    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(samples.docx_of(["Ada"]))) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name != "word/document.xml":
                new.writestr(name, old.read(name))
    return target.getvalue()


@cache
def _corpus() -> list[Sample]:
    found = [*evasion.samples(), *clean.samples(120, seed=7)]
    return [sample for sample in found if len(sample.content) <= 64 * 1024]


def _files() -> list[bytes]:
    """Every file of the corpus behind the number of the type that its name says."""
    numbers = {file_type: number for number, file_type in enumerate(FileType)}
    found = ((EXTENSIONS.get(PurePosixPath(sample.filename).suffix), sample.content) for sample in _corpus())
    return [bytes([numbers[file_type]]) + content for file_type, content in found if file_type]


def _contents(*endings: str) -> list[bytes]:
    return [sample.content for sample in _corpus() if sample.filename.endswith(endings)]


def _chosen(contents: Iterable[bytes], *choices: int) -> list[bytes]:
    return [bytes([choice]) + content for content in contents for choice in choices]


def _document_parts() -> list[bytes]:
    parts = []
    for content in _contents(".docx"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                parts.append(package.read("word/document.xml"))
        except (zipfile.BadZipFile, KeyError, NotImplementedError, OSError):
            continue
    return [*_chosen(parts, 0), *_chosen(_contents(".docx"), 255)]


def _answers() -> list[bytes]:
    told = [{"pages": ["Ada"]}, {"pages": []}, {"refusal": {"code": "file_damaged", "detail": "x", "extra": {}}}, []]
    return [json.dumps(one).encode() for one in told]


def _cursors() -> list[bytes]:
    return [next_position(position, LIST).encode() for position in (0, 100, 10**9)] + [b"", b"AAAA", b"{}"]


def _keys() -> list[bytes]:
    from tests.corpus.evasion.names import KEY, KEYS

    return [key.encode() for key in (KEY, KEY.upper(), KEY.replace("-", ""), KEY.replace("/", "%2F"), *KEYS)]


TARGETS = {
    "csv": Target(csv_rows, lambda: _chosen(_contents(".csv"), 0, 1)),
    "imports": Target(
        import_rows,
        lambda: [*_chosen(_contents(".json"), 1), *_chosen(_contents(".jsonl"), 2), *_chosen(_contents(".xlsx"), 3)],
    ),
    "docx": Target(docx_reading, _document_parts),
    "sandbox": Target(sandbox_answers, _answers),
    "cursor": Target(cursors, _cursors),
    "keys": Target(keys, _keys),
    "gate": Target(gate, _files),
    "zip": Target(zip_layout, lambda: _contents(".zip", ".docx", ".xlsx")),
}
