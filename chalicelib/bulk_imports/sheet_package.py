"""The parts of an XLSX package: which sheets there are, which styles mean dates, and the shared strings.

The package is read here and not by openpyxl because that keeps all shared strings and a whole row of any width in
memory, which an upload could use to exhaust us. Every part is read as a stream, and strings go to disk.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO
from xml.parsers import expat

from chalicelib.bulk_imports.reading_errors import SheetUnreadable
from chalicelib.bulk_imports.rows import CELL_MAX_CHARACTERS
from chalicelib.documents.archive import read_members
from chalicelib.documents.limits import MIB, Budget, StructureLimits
from chalicelib.documents.refusals import StructureRefused

SHEET_LIMITS = StructureLimits(max_unpacked_bytes=1024 * MIB)
STRINGS_MAX = 8_000_000
STRINGS_IN_MEMORY_BYTES = 32 * MIB
TOKEN_MAX_BYTES = 1 * MIB
_CHUNK_BYTES = 64 * 1024
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_CODES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_CODES = re.compile(r"[ymdhs]", re.IGNORECASE)

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Workbook:
    """What is known of a workbook before its rows: sheet parts in order (visible ones first), date styles."""

    sheets: tuple[str, ...]
    date_styles: frozenset[int]
    is_1904: bool
    strings_part: str | None


class SharedStrings:
    """The texts that cells refer to by number; beyond 32 MiB they lie on disk."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=STRINGS_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by close()
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        if len(self._ends) > STRINGS_MAX:
            raise SheetUnreadable(f"it holds more than {STRINGS_MAX:,} different texts")
        self._ends.append(self._ends[-1] + self._file.write(text.encode()))

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise SheetUnreadable("a cell refers to a text that is not there")
        start = self._ends[number]
        self._file.seek(start)
        return self._file.read(self._ends[number + 1] - start).decode()

    def close(self) -> None:
        self._file.close()


def open_package(stream: BinaryIO, limits: StructureLimits = SHEET_LIMITS) -> zipfile.ZipFile:
    """The package, once its layout is honest and what it unpacks to is within limits; SheetUnreadable otherwise."""
    size_bytes = stream.seek(0, 2)
    try:
        entries = read_members(stream, size_bytes, Budget(limits), depth=1)
    except StructureRefused as refusal:
        raise SheetUnreadable(refusal.detail) from None
    for entry in entries:
        if entry.size_bytes > max(limits.ratio_floor_bytes, limits.max_ratio * entry.packed_bytes):
            raise SheetUnreadable(f"a part of it unpacks to more than {limits.max_ratio} times its size")
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise SheetUnreadable("it is damaged") from None


def read_workbook(package: zipfile.ZipFile) -> Workbook:
    """The workbook's sheets and styles; SheetUnreadable when it has none."""
    names = {name.casefold(): name for name in package.namelist()}
    root = _related(package, names, "_rels/.rels", "")
    workbook = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
    folder = PurePosixPath(workbook).parent
    related = _related(package, names, f"{folder}/_rels/{PurePosixPath(workbook).name}.rels", str(folder))
    sheets: list[tuple[bool, str]] = []
    is_1904 = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_1904
        if name == "workbookPr":
            is_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            kind, target = related.get(_id_of(attributes), ("", ""))
            if kind == "worksheet" and target.casefold() in names:
                sheets.append((attributes.get("state", "visible") != "visible", names[target.casefold()]))

    parse_part(package, _part(names, workbook), start)
    by_kind = {kind: names.get(target.casefold()) for kind, target in related.values()}
    ordered = tuple(part for _, part in sorted(sheets, key=lambda sheet: sheet[0]))
    return Workbook(ordered, _date_styles(package, by_kind.get("styles")), is_1904, by_kind.get("sharedStrings"))


def read_strings(package: zipfile.ZipFile, part: str | None, strings: SharedStrings) -> None:
    """Fill `strings` from the package; what is only read aloud (phonetic text) is left out."""
    if part is None:
        return
    collected: list[str] = []
    size, is_text, aloud = 0, False, 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal is_text, aloud
        is_text, aloud = name == "t", aloud + (name == "rPh")

    def text(data: str) -> None:
        nonlocal size
        if is_text and not aloud and size <= CELL_MAX_CHARACTERS:
            collected.append(data)
            size += len(data)

    def end(name: str) -> None:
        nonlocal is_text, aloud, size
        is_text, aloud = False, aloud - (name == "rPh")
        if name == "si":
            strings.append("".join(collected))
            collected.clear()
            size = 0

    parse_part(package, part, start, end, text)


def parse_part(
    package: zipfile.ZipFile, part: str, start: Start, end: End | None = None, text: Text | None = None
) -> None:
    """Parse one XML part, names without their prefix; SheetUnreadable when it is damaged or has a DOCTYPE."""
    parser = part_parser(start, end, text)
    with open_part(package, part) as source:
        while feed(parser, source):
            pass


def open_part(package: zipfile.ZipFile, part: str) -> IO[bytes]:
    try:
        return package.open(part)
    except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, OSError):
        raise SheetUnreadable("it is damaged") from None


def part_parser(start: Start, end: End | None, text: Text | None) -> expat.XMLParserType:
    """A parser that resolves nothing and refuses document types, the door to entity bombs."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end is not None:
        finish = end
        parser.EndElementHandler = lambda name: finish(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    return parser


def feed(parser: expat.XMLParserType, source: IO[bytes]) -> bool:
    """Parse the next 64 KiB of a part; False at its end. SheetUnreadable when it cannot go on."""
    try:
        chunk = source.read(_CHUNK_BYTES)
        parser.Parse(chunk, not chunk)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError):
        raise SheetUnreadable("it is damaged") from None
    if source.tell() - parser.CurrentByteIndex > TOKEN_MAX_BYTES:
        raise SheetUnreadable("a tag in it never ends")
    return bool(chunk)


def _no_doctype(*_: object) -> None:
    raise SheetUnreadable("it declares a document type, as no workbook does")


def _related(package: zipfile.ZipFile, names: dict[str, str], part: str, folder: str) -> dict[str, tuple[str, str]]:
    """What a part refers to within the package: kind and target by id; links to the outside are left out."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)

    if part.casefold() in names:
        parse_part(package, names[part.casefold()], start)
    return found


def _date_styles(package: zipfile.ZipFile, part: str | None) -> frozenset[int]:
    """The numbers of the cell styles under which a number is a date or time."""
    dates, styles, place = set(_BUILT_IN_DATES), [], ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal place
        if name == "numFmt" and place != "dxfs":
            code = _NOT_CODES.sub("", attributes.get("formatCode", ""))
            (dates.add if _DATE_CODES.search(code) else dates.discard)(int(attributes.get("numFmtId", -1)))
        elif name in ("cellXfs", "cellStyleXfs", "dxfs"):
            place = name
        elif name == "xf" and place == "cellXfs":
            styles.append(int(attributes.get("numFmtId", 0)) in dates)

    if part is not None:
        parse_part(package, part, start)
    return frozenset(number for number, is_date in enumerate(styles) if is_date)


def _id_of(attributes: dict[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")


def _part(names: dict[str, str], path: str) -> str:
    try:
        return names[path.casefold()]
    except KeyError:
        raise SheetUnreadable("it has no list of sheets") from None
