"""Workbooks as Excel and others write them, and as somebody builds them to do harm."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.candidates import read_candidate
from chalicelib.bulk_imports.columns import guess_mapping
from chalicelib.bulk_imports.formats import FileFormat, RowSource, open_rows
from chalicelib.bulk_imports.reading_errors import ImportEmpty, SheetUnreadable
from chalicelib.bulk_imports.sheet_rows import as_date, as_number

SHEET = "xl/worksheets/sheet1.xml"


def saved(workbook: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def book_of(*rows: list[Any]) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    return workbook


def opened(content: bytes) -> RowSource:
    return open_rows(io.BytesIO(content), filename="people.xlsx")


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return buffer.getvalue()


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new)


def with_part(content: bytes, part: str, xml: str) -> bytes:
    """The workbook with one part more, which openpyxl leaves out and Excel writes."""
    kind = part.rpartition("/")[2].removesuffix(".xml")
    relation = (
        '<Relationship Id="more" Target="/'
        f'{part}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/>'
    )
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr(part, xml)
    end = "</Relationships>"
    return rewritten(
        buffer.getvalue(), "xl/_rels/workbook.xml.rels", replacing(end.encode(), (relation + end).encode())
    )


def test_a_sheet_is_read_with_its_row_numbers() -> None:
    workbook = book_of(["Name", "E-Mail", "Handy"], ["Zoë Müller", "zoe@example.com", 493012345678], [], ["Ada", None])
    workbook.active.row_dimensions[2].hidden = True

    source = opened(saved(workbook))

    assert (source.format, source.header, source.dialect) == (FileFormat.XLSX, ("Name", "E-Mail", "Handy"), None)
    assert [(row.line, row.values) for row in source.rows()] == [
        (2, {"Name": "Zoë Müller", "E-Mail": "zoe@example.com", "Handy": "493012345678"}),
        (4, {"Name": "Ada", "E-Mail": "", "Handy": ""}),
    ]


def test_cells_of_all_types_become_the_text_that_a_person_sees() -> None:
    typed = [
        date(2024, 5, 1),
        datetime(2024, 5, 1, 13, 30),  # noqa: DTZ001 - a sheet's dates have no zone
        time(8, 15),
        timedelta(hours=1),
        True,
        1.5,
        4.9e10,
        "001",
        -3,
        CellRichText("Ada ", TextBlock(InlineFont(b=True), "Lovelace")),
    ]
    source = opened(saved(book_of(["Name", *"abcdefghij"], ["Ada", *typed])))

    (row,) = source.rows()

    assert list(row.values.values())[1:] == [
        "2024-05-01",
        "2024-05-01T13:30:00",
        "08:15:00",
        "01:00:00",
        "true",
        "1.5",
        "49000000000",
        "001",
        "-3",
        "Ada Lovelace",
    ]


def test_shared_texts_are_read_without_what_is_only_read_aloud() -> None:
    strings = "<si><t>Name</t></si><si><r><t>小</t></r><r><t>島</t></r><rPh><t>コジマ</t></rPh></si><si/>"
    content = with_part(saved(book_of(["one"], ["two"])), "xl/sharedStrings.xml", f"<sst>{strings}</sst>")
    for number, text in enumerate((b"one", b"two")):
        inline, shared = b't="inlineStr"><is><t>%b</t></is>' % text, b't="s"><v>%d</v>' % number
        content = rewritten(content, SHEET, replacing(inline, shared))

    assert [row.values for row in opened(content).rows()] == [{"Name": "小島"}]


def test_dates_by_the_calendar_of_old_macs_are_the_same_days() -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    workbook.active.append(["Name", "Day"])
    workbook.active.append(["Ada", date(2024, 5, 1)])

    assert [row.values["Day"] for row in opened(saved(workbook)).rows()] == ["2024-05-01"]


def test_a_formula_is_its_last_value_and_an_error_refuses_the_row() -> None:
    content = rewritten(
        saved(book_of(["Name", "Skills"], ["=A9", "x"], ["Eve", "y"])),
        SHEET,
        lambda xml: re.sub(rb'<c r="A2">.*?</c>', b'<c r="A2" t="str"><f>A9</f><v>Ada</v></c>', xml).replace(
            re.search(rb'<c r="B3".*?</c>', xml)[0],  # type: ignore[index]
            b'<c r="B3" t="e"><v>#N/A</v></c>',
        ),
    )

    first, second = opened(content).rows()

    assert first.values == {"Name": "Ada", "Skills": "x"}
    assert [(problem.line, problem.code) for problem in second.problems] == [(3, "formula_error")]


def test_the_first_visible_sheet_with_data_is_read() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "Hidden"
    workbook.active.append(["secret"])
    workbook.create_sheet("Blank")
    workbook.create_sheet("People").append(["Name"])
    workbook["People"].append(["Ada"])
    workbook["Hidden"].sheet_state = "hidden"
    workbook.active = 1

    assert [row.values for row in opened(saved(workbook)).rows()] == [{"Name": "Ada"}]


def test_a_sheet_row_becomes_a_candidate() -> None:
    source = opened(saved(book_of(["Vorname", "Nachname", "Telefon", "Ort"], ["Ada", "Weiß", "030 1234567", "Berlin"])))

    (found,) = (read_candidate(row, guess_mapping(source.header)) for row in source.rows())

    assert isinstance(found, CandidateRow)
    assert (found.name, found.phone) == ("Ada Weiß", "+49301234567")


def test_rows_wider_than_the_header_or_than_any_table_are_refused_one_by_one() -> None:
    workbook = book_of(["Name"], ["Ada", "too much"], ["Eve"])
    workbook.active.cell(4, 16_000, "far out")

    rows = list(opened(saved(workbook)).rows())

    assert [(row.line, [problem.code for problem in row.problems]) for row in rows] == [
        (2, ["cells_too_many"]),
        (3, []),
        (4, ["row_too_wide"]),
    ]


def test_a_workbook_without_a_row_is_empty() -> None:
    with pytest.raises(ImportEmpty):
        opened(saved(openpyxl.Workbook()))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml.partition(b"?>")[2]),
        (SHEET, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + b"<row>" + b"<c/>" * 3_000_000 + b"</row>")),
        (SHEET, lambda xml: xml[: len(xml) // 2]),
        (SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="999999999999"')),
        (SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="1"')),
        (SHEET, lambda xml: xml.replace(b't="inlineStr"><is><t>Ada</t></is>', b't="s"><v>77</v>')),
        (SHEET, lambda xml: xml.replace(b't="inlineStr"><is><t>Ada</t></is>', b't="s"><v>x</v>')),
        (SHEET, lambda xml: xml.replace(b'r="A2"', b'r="2"')),
        (SHEET, lambda xml: xml.replace(b"<sheetData>", b'<sheetData x="' + bytes(range(48, 58)) * 900_000 + b'">')),
        ("xl/workbook.xml", lambda _: b"no xml"),
        ("xl/styles.xml", lambda _: b'<a><cellXfs><xf numFmtId="x"/></cellXfs></a>'),
    ],
)
def test_a_workbook_built_to_do_harm_is_refused(part: str, change: Callable[[bytes], bytes]) -> None:
    content = rewritten(saved(book_of(["Name"], ["Ada"])), part, change)

    with pytest.raises(SheetUnreadable):
        list(opened(content).rows())


def test_a_row_of_a_million_cells_costs_no_memory() -> None:
    cells = b"".join(b'<c r="B3"><v>%d</v></c>' % number for number in range(300_000))
    content = rewritten(
        saved(book_of(["Name"], ["Ada"])),
        SHEET,
        lambda xml: xml.replace(b"</sheetData>", b'<row r="3">' + cells + b"</row></sheetData>"),
    )

    assert [(row.line, len(row.values)) for row in opened(content).rows()] == [(2, 1), (3, 0)]


def test_other_archives_and_broken_ones_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    whole = saved(book_of(["Name"], ["Ada"]))
    for content in (buffer.getvalue(), whole[:-40], whole[: len(whole) // 2], b"PK\x03\x04" + b"\x00" * 100):
        with pytest.raises(SheetUnreadable):
            opened(content)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("12", "12"),
        ("-3.0", "-3"),
        ("4.9301234567E+10", "49301234567"),
        ("0.1", "0.1"),
        ("1e300", "1e+300"),
        ("x", "x"),
    ],
)
def test_a_number_is_what_a_person_would_type(written: str, text: str) -> None:
    assert as_number(written) == text


def test_the_day_that_only_excel_knows_shifts_the_days_before_it() -> None:
    assert [as_date(day, is_1904=False) for day in (1, 59, 61, 45413.5)] == [
        "1900-01-01",
        "1900-02-28",
        "1900-03-01",
        "2024-05-01T12:00:00",
    ]
