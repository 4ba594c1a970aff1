"""Documents of python-docx, with what people put into them."""

from __future__ import annotations

import io
import random

import docx
import docx.document
from docx.shared import Inches, Pt

from tests import samples as files
from tests.corpus.clean.people import person
from tests.corpus.sample import Sample, honest


def sample(chance: random.Random, number: int) -> Sample:
    document = docx.Document()
    for line in person(chance):
        run = document.add_paragraph(line).add_run(" ")
        run.font.size, run.bold = Pt(chance.randint(9, 14)), chance.random() < 0.2
    added = []
    for name, add in EXTRAS.items():
        if chance.random() < 0.35:
            add(document, chance)
            added.append(name)
    what = ", ".join(added) or "text"
    return honest("DOCX", f"{number} {what}", f"cv-{number}.docx", files.docx_bytes(document))


def _table(document: docx.document.Document, chance: random.Random) -> None:
    table = document.add_table(chance.randint(1, 6), 3)
    for row in table.rows:
        row.cells[0].text = str(chance.randint(1990, 2024))
        row.cells[1].text = "Engineer"


def _picture(document: docx.document.Document, chance: random.Random) -> None:
    picture = files.png(chance.randint(20, 200), chance.randint(20, 200), chance.randrange(256))
    document.add_picture(io.BytesIO(picture), width=Inches(1))


def _header(document: docx.document.Document, chance: random.Random) -> None:
    document.sections[0].header.paragraphs[0].text = person(chance)[0]
    document.sections[0].footer.paragraphs[0].text = "Page 1 of 2"


def _heading(document: docx.document.Document, chance: random.Random) -> None:
    document.add_heading("DDE, QUOTE and INCLUDETEXT", level=chance.randint(1, 4))
    document.add_paragraph().paragraph_format.page_break_before = True


def _list(document: docx.document.Document, chance: random.Random) -> None:
    for line in person(chance)[:3]:
        document.add_paragraph(line, style="List Bullet")


def _comment(document: docx.document.Document, chance: random.Random) -> None:
    run = document.add_paragraph("interesting").runs[0]
    document.add_comment(run, text="Call her", author=person(chance)[0], initials="X")


def _link(document: docx.document.Document, chance: random.Random) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    document.part.relate_to(f"https://example.com/{chance.randrange(999)}?a=1&b=<2>", kind, is_external=True)
    document.part.relate_to("mailto:ada@example.com", kind, is_external=True)


EXTRAS = {
    "table": _table,
    "picture": _picture,
    "header": _header,
    "heading": _heading,
    "list": _list,
    "comment": _comment,
    "link": _link,
}
