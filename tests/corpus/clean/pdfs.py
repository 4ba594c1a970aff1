"""PDFs of reportlab: pages, tables, pictures, links, outlines, forms, and those that only forbid changes."""

from __future__ import annotations

import io
import random
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from tests import samples as files
from tests.corpus.clean.people import person
from tests.corpus.sample import Sample, honest


def sample(chance: random.Random, number: int) -> Sample:
    make = chance.choice((_drawn, _drawn, _flowing, _with_picture, _with_links, _with_form, _locked))
    return honest("PDF", f"{number} {make.__name__.strip('_')}", f"cv-{number}.pdf", make(chance))


def _drawn(chance: random.Random, **options: Any) -> bytes:
    options.setdefault("pageCompression", chance.randint(0, 1))
    pages = [person(chance) for _ in range(chance.randint(1, 4))]
    fonts = ("Helvetica", "Times-Roman", "Courier-Bold")
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=files.A4, invariant=1, **options)
    canvas.setTitle(pages[0][0])
    canvas.setKeywords("(TypeScript/JavaScript), Product/Launch")
    for lines in pages:
        canvas.setFont(chance.choice(fonts), chance.randint(9, 12))
        for at, line in enumerate(lines):
            canvas.drawString(50, 790 - 14 * at, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _flowing(chance: random.Random) -> bytes:
    target, styles = io.BytesIO(), getSampleStyleSheet()
    story: list[Any] = []
    for _ in range(chance.randint(1, 3)):
        lines = [line.replace("&", "&amp;").replace("<", "&lt;") for line in person(chance)]
        story += [Paragraph(lines[0], styles["Title"]), *(Paragraph(line, styles["Normal"]) for line in lines[1:])]
        story += [
            Spacer(1, 12),
            Table(
                [["Year", "Role"], [str(chance.randint(2000, 2020)), "Engineer"]],
                style=[("GRID", (0, 0), (-1, -1), 1, colors.grey)],
            ),
        ]
        story.append(PageBreak())
    SimpleDocTemplate(target, pagesize=files.A4, invariant=1).build(story)
    return target.getvalue()


def _with_picture(chance: random.Random) -> bytes:
    def draw(canvas: Canvas) -> None:
        picture = files.png(chance.randint(20, 300), chance.randint(20, 300), chance.randrange(256))
        canvas.drawImage(ImageReader(io.BytesIO(picture)), 450, 700, 90, 120)
        for at, line in enumerate(person(chance)):
            canvas.drawString(50, 790 - 14 * at, line)

    return files.pdf_drawn(draw)


def _with_links(chance: random.Random) -> bytes:
    def draw(canvas: Canvas) -> None:
        for page in range(chance.randint(1, 3)):
            canvas.bookmarkPage(f"page{page}")
            canvas.addOutlineEntry(f"Page {page}", f"page{page}")
            canvas.drawString(50, 780, "Portfolio")
            canvas.linkURL("https://example.com/JavaScript/Launch", (50, 770, 200, 800))
            canvas.linkRect("", f"page{page}", (50, 700, 200, 720))
            canvas.showPage()
        canvas.showOutline()

    return files.pdf_drawn(draw)


def _with_form(chance: random.Random) -> bytes:
    def draw(canvas: Canvas) -> None:
        form = canvas.acroForm
        canvas.drawString(50, 780, "Application form")
        form.textfield(name="name", value=person(chance)[0].encode("ascii", "replace").decode(), x=50, y=700, width=200)
        form.checkbox(name="agree", checked=bool(chance.randrange(2)), x=50, y=650)

    return files.pdf_drawn(draw)


def _locked(chance: random.Random) -> bytes:
    strength = chance.choice((40, 128))
    return _drawn(chance, encrypt=StandardEncryption("", "owner", strength=strength, canPrint=1, canModify=0))
