"""Files of candidates: CSV as programs write it, workbooks of openpyxl, JSON and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
import random

import openpyxl
from openpyxl.styles import Font

from tests.corpus.clean.people import person
from tests.corpus.sample import Sample, honest

COLUMNS = ["name", "email", "phone", "skills"]


def sample(chance: random.Random, number: int) -> Sample:
    rows = [_row(chance) for _ in range(chance.randint(1, 60))]
    extension = chance.choice(("csv", "csv", "xlsx", "xlsx", "json", "jsonl"))
    content = {"csv": _csv, "xlsx": _xlsx, "json": _json, "jsonl": _lines}[extension](rows, chance)
    return honest("table", f"{number} {extension}", f"people-{number}.{extension}", content)


def _row(chance: random.Random) -> list[str]:
    lines = person(chance)
    return [lines[0], lines[1], lines[2], lines[5]]


def _csv(rows: list[list[str]], chance: random.Random) -> bytes:
    target = io.StringIO()
    writer = csv.writer(
        target, delimiter=chance.choice(",;\t|"), quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    )
    writer.writerows([COLUMNS, *rows])
    return target.getvalue().encode(chance.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252")), "replace")


def _xlsx(rows: list[list[str]], chance: random.Random) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for row in [COLUMNS, *rows]:
        sheet.append([cell if not cell.startswith("=") else f"'{cell}" for cell in row])
    sheet["A1"].font = Font(bold=True)
    if chance.random() < 0.3:
        book.create_sheet("Notes")["A1"] = "=SUM(1,2)"
        sheet["B2"].hyperlink = "mailto:ada@example.com"
    book.save(target)
    return target.getvalue()


def _json(rows: list[list[str]], chance: random.Random) -> bytes:
    people = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return json.dumps(people, ensure_ascii=bool(chance.randrange(2)), indent=chance.choice((None, 2))).encode()


def _lines(rows: list[list[str]], chance: random.Random) -> bytes:
    return b"\n".join(_json([row], chance).strip(b"[] \n").replace(b"\n", b" ") for row in rows) + b"\n"
