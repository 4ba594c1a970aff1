"""Write the sample descriptions: `python -m infra.demo.descriptions.make`. The same words give the same files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate

from infra.demo.descriptions import words
from infra.demo.descriptions.words import Description

FOLDER = Path(__file__).parent
SAVED_AT = (2024, 1, 15, 9, 0, 0)


def descriptions() -> dict[str, bytes]:
    """Each sample by its file name."""
    return {
        "site-manager-leeds.pdf": as_pdf(words.SITE_MANAGER),
        "pflegefachkraft-hamburg.docx": as_docx(words.NURSE),
        "project-brief-riverside.docx": as_docx(words.BRIEF),
    }


def as_pdf(description: Description) -> bytes:
    """Headings, wrapped paragraphs and hanging bullets on as many pages as it takes."""
    text = ParagraphStyle("text", fontName="Helvetica", fontSize=10, leading=14)
    bullet = ParagraphStyle("bullet", parent=text, leftIndent=14, bulletIndent=4)
    heading = ParagraphStyle("heading", fontName="Helvetica-Bold", fontSize=12, leading=18, spaceBefore=8)
    title = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=18, leading=24)
    story = [Paragraph(description.title, title)]
    story += [Paragraph(f"<b>{label}:</b> {value}", text) for label, value in description.facts]
    for section in description.sections:
        story.append(Paragraph(section.heading, heading))
        story += [Paragraph(paragraph, text) for paragraph in section.paragraphs]
        story += [Paragraph(point, bullet, bulletText="•") for point in section.points]
    file = io.BytesIO()
    SimpleDocTemplate(file, pagesize=A4, title=description.title, invariant=1).build(story)
    return file.getvalue()


def as_docx(description: Description) -> bytes:
    """The facts in a table, sections under Word's headings with Word's bullets."""
    document = docx.Document()
    document.add_heading(description.title, level=0)
    table = document.add_table(rows=len(description.facts), cols=2, style="Table Grid")
    for row, (label, value) in zip(table.rows, description.facts, strict=True):
        row.cells[0].text, row.cells[1].text = label, value
    for section in description.sections:
        document.add_heading(section.heading, level=1)
        for paragraph in section.paragraphs:
            document.add_paragraph(paragraph)
        for point in section.points:
            document.add_paragraph(point, style="List Bullet")
    return _saved(document)


def _saved(document: Any) -> bytes:
    """The document's file with one fixed time in it, so that the same words are the same file."""
    drafted, fixed = io.BytesIO(), io.BytesIO()
    document.save(drafted)
    with zipfile.ZipFile(drafted) as draft, zipfile.ZipFile(fixed, "w") as file:
        for entry in draft.infolist():
            file.writestr(zipfile.ZipInfo(entry.filename, SAVED_AT), draft.read(entry), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def main() -> None:
    for name, content in descriptions().items():
        (FOLDER / name).write_bytes(content)
        print(f"{len(content):>8} bytes  {name}")


if __name__ == "__main__":
    main()
