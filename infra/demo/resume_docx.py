"""Résumés as Word documents: plain with headings, laid out by a table, and with header, footer and page break."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
from docx.enum.text import WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from infra.demo.people import Person

SAVED_AT = (2024, 1, 15, 9, 0, 0)
DARK = "1F3350"


def plain(person: Person) -> bytes:
    """Headings, paragraphs and Word's own bullets; dates behind a tab."""
    document = _document(person)
    document.add_heading(person.name, level=0)
    document.add_paragraph(person.headline, style="Subtitle")
    document.add_paragraph(" · ".join((person.email, person.phone, person.location, *person.links)))
    for heading, text in (
        (person.headings.summary, person.summary),
        (person.headings.skills, " · ".join(person.skills)),
    ):
        document.add_heading(heading, level=1)
        document.add_paragraph(text)
    _experience(document, person)
    _closing(document, person)
    return _saved(document)


def by_table(person: Person) -> bytes:
    """One borderless table: a dark cell with contact and skills in white, the career in the cell beside it."""
    document = _document(person)
    side, main = document.add_table(rows=1, cols=2).rows[0].cells
    side.width, main.width = Cm(5.5), Cm(11.5)
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:fill"), DARK)
    side._tc.get_or_add_tcPr().append(shading)
    lines = [person.name, person.headline, "", person.phone, person.email, person.location, *person.links, ""]
    for line in [*lines, person.headings.skills.upper(), *person.skills]:
        side.add_paragraph().add_run(line).font.color.rgb = RGBColor(255, 255, 255)
    main.add_paragraph().add_run(person.headings.summary.upper()).bold = True
    main.add_paragraph(person.summary)
    _experience(main, person)
    for heading, lines in ((person.headings.education, [*person.education]), (person.headings.more, [person.more])):
        main.add_paragraph().add_run(heading.upper()).bold = True
        for line in lines:
            main.add_paragraph(line)
    return _saved(document)


def with_margins(person: Person) -> bytes:
    """Contact in the header, a note in the footer, the career on a page of its own, skills in a grid."""
    document = _document(person)
    header, footer = document.sections[0].header, document.sections[0].footer
    header.paragraphs[0].text = f"{person.name}\t{person.phone}\t{person.email}"
    footer.paragraphs[0].text = "References are available on request."
    document.add_heading(person.headline, level=1)
    document.add_paragraph(person.location)
    document.add_paragraph(person.summary)
    document.add_heading(person.headings.skills, level=2)
    skills = [*person.skills, *[""] * (-len(person.skills) % 4)]
    table = document.add_table(rows=len(skills) // 4, cols=4, style="Table Grid")
    for number, skill in enumerate(skills):
        table.cell(number // 4, number % 4).text = skill
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    _experience(document, person)
    _closing(document, person)
    return _saved(document)


def _document(person: Person) -> Any:
    document = docx.Document()
    document.core_properties.author = person.name
    document.core_properties.title = f"{person.name} – Résumé"
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(10.5)
    return document


def _experience(parent: Any, person: Person) -> None:
    """The posts of `person` in a document or a table cell."""
    if hasattr(parent, "add_heading"):
        parent.add_heading(person.headings.experience, level=1)
    else:
        parent.add_paragraph().add_run(person.headings.experience.upper()).bold = True
    for post in person.posts:
        line = parent.add_paragraph()
        line.paragraph_format.tab_stops.add_tab_stop(Cm(11), WD_TAB_ALIGNMENT.LEFT)
        line.add_run(post.title).bold = True
        line.add_run(f"\t{post.dates}")
        parent.add_paragraph().add_run(f"{post.employer}, {post.place}").italic = True
        for point in post.points:
            parent.add_paragraph(point, style="List Bullet")


def _closing(document: Any, person: Person) -> None:
    document.add_heading(person.headings.education, level=1)
    for line in person.education:
        document.add_paragraph(line)
    document.add_heading(person.headings.more, level=1)
    document.add_paragraph(person.more)


def _saved(document: Any) -> bytes:
    """The document's file with one fixed time in it, so that the same résumé is the same file."""
    drafted, fixed = io.BytesIO(), io.BytesIO()
    document.save(drafted)
    with zipfile.ZipFile(drafted) as draft, zipfile.ZipFile(fixed, "w") as file:
        for entry in draft.infolist():
            member = zipfile.ZipInfo(entry.filename, SAVED_AT)
            file.writestr(member, draft.read(entry), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
