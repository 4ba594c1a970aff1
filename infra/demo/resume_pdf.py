"""Résumés as PDF: one column, two columns with a dark side bar, and one with a photo and its own typeface."""

from __future__ import annotations

import io
import random
from xml.sax.saxutils import escape  # writes, and reads nothing # nosec B406

from PIL import Image, ImageDraw, ImageFilter
from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, HRFlowable, Paragraph, Spacer, Table

from infra.demo.people import Person, Post

MARGIN, SIDE_BAR, BOTTOM = 50, 190, 40
INK, NAVY = HexColor("#222222"), HexColor("#1f3350")
PHOTO_SIZE = (460, 560)


class Look:
    """A typeface and the paragraph styles made of it."""

    def __init__(self, font: str, bold: str) -> None:
        self.name = ParagraphStyle("name", fontName=bold, fontSize=20, leading=24, textColor=NAVY)
        self.headline = ParagraphStyle("headline", fontName=font, fontSize=12, leading=16, textColor=INK)
        self.heading = ParagraphStyle("heading", fontName=bold, fontSize=11, leading=15, textColor=NAVY, spaceBefore=10)
        self.title = ParagraphStyle("title", fontName=bold, fontSize=10, leading=13, textColor=INK)
        self.dates = ParagraphStyle("dates", parent=self.title, fontName=font, alignment=TA_RIGHT)
        self.text = ParagraphStyle("text", fontName=font, fontSize=9.5, leading=13, textColor=INK)
        self.point = ParagraphStyle("point", parent=self.text, leftIndent=12, bulletIndent=2)


def one_column(person: Person) -> bytes:
    """The plain sort: name on top, headings with a rule, dates at the right edge."""
    look, page = Look("Helvetica", "Helvetica-Bold"), _Sheet(person)
    page.flow([*_head(person, look), *_body(person, look)], MARGIN, A4[0] - 2 * MARGIN, A4[1] - MARGIN)
    return page.finished()


def two_columns(person: Person) -> bytes:
    """A dark side bar with contact and skills in white, the career beside it."""
    look, page = Look("Helvetica", "Helvetica-Bold"), _Sheet(person)
    page.canvas.setFillColor(NAVY)
    page.canvas.rect(0, 0, SIDE_BAR, A4[1], stroke=0, fill=1)
    pale = {style: ParagraphStyle(style, parent=getattr(look, style), textColor=white) for style in ("heading", "text")}
    contact = (person.phone, person.email, person.location, *person.links)
    side: list[Flowable] = []
    for heading, lines in (
        ("Contact", contact),
        (person.headings.skills, person.skills),
        (person.headings.education, person.education),
        (person.headings.more, (person.more,)),
    ):
        side += [
            Paragraph(heading.upper(), pale["heading"]),
            *(Paragraph(escape(line), pale["text"]) for line in lines),
        ]
    page.flow(side, 20, SIDE_BAR - 30, A4[1] - 110)
    main = [Paragraph(person.name, look.name), Paragraph(person.headline, look.headline), Spacer(1, 8)]
    main += [*_summary(person, look), *_experience(person, look)]
    page.flow(main, SIDE_BAR + 20, A4[0] - SIDE_BAR - MARGIN, A4[1] - MARGIN)
    return page.finished()


def with_photo(person: Person) -> bytes:
    """Three pages with a portrait and an embedded typeface; about 200 KB, as design programs write them."""
    for name, file in (("Vera", "Vera.ttf"), ("Vera-Bold", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, file))
    look, page = Look("Vera", "Vera-Bold"), _Sheet(person)
    page.canvas.drawImage(_portrait(), A4[0] - MARGIN - 92, A4[1] - MARGIN - 112, 92, 112)
    page.flow(_head(person, look), MARGIN, A4[0] - 2 * MARGIN - 110, A4[1] - MARGIN)
    page.flow([*_summary(person, look), *_skills(person, look)], MARGIN, A4[0] - 2 * MARGIN, A4[1] - MARGIN - 130)
    page.next()
    page.flow(_experience(person, look), MARGIN, A4[0] - 2 * MARGIN, A4[1] - MARGIN)
    page.next()
    page.flow([*_education(person, look), *_more(person, look)], MARGIN, A4[0] - 2 * MARGIN, A4[1] - MARGIN)
    return page.finished()


class _Sheet:
    """A canvas that is the same, byte for byte, each time it is drawn."""

    def __init__(self, person: Person) -> None:
        self._buffer = io.BytesIO()
        self.canvas = Canvas(self._buffer, pagesize=A4, invariant=1)
        self.canvas.setTitle(f"{person.name} – Résumé")
        self.canvas.setAuthor(person.name)

    def flow(self, story: list[Flowable], left: float, width: float, top: float) -> None:
        """Set `story` from `top` downwards; RuntimeError when the page is too short for it."""
        frame = Frame(left, BOTTOM, width, top - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
        frame.addFromList(story, self.canvas)
        if story:
            raise RuntimeError(f"{len(story)} parts do not fit the page")

    def next(self) -> None:
        self.canvas.showPage()

    def finished(self) -> bytes:
        self.canvas.save()
        return self._buffer.getvalue()


def _head(person: Person, look: Look) -> list[Flowable]:
    links = "  |  ".join(f'<a href="https://{link}">{link}</a>' for link in person.links)
    contact = f"{person.location}  |  {person.phone}  |  {person.email}"
    lines = [
        Paragraph(person.name, look.name),
        Paragraph(person.headline, look.headline),
        Paragraph(contact, look.text),
    ]
    return [*lines, Paragraph(links, look.text)] if links else [*lines]


def _body(person: Person, look: Look) -> list[Flowable]:
    parts = (_summary, _skills, _experience, _education, _more)
    return [flowable for part in parts for flowable in part(person, look)]


def _heading(text: str, look: Look) -> list[Flowable]:
    return [Paragraph(text, look.heading), HRFlowable(width="100%", thickness=0.7, color=NAVY, spaceAfter=4)]


def _summary(person: Person, look: Look) -> list[Flowable]:
    return [*_heading(person.headings.summary, look), Paragraph(escape(person.summary), look.text)]


def _skills(person: Person, look: Look) -> list[Flowable]:
    return [*_heading(person.headings.skills, look), Paragraph(escape(", ".join(person.skills)), look.text)]


def _experience(person: Person, look: Look) -> list[Flowable]:
    story = _heading(person.headings.experience, look)
    for post in person.posts:
        story += [_post_line(post, look), Paragraph(escape(f"{post.employer}, {post.place}"), look.text)]
        story += [Paragraph(escape(point), look.point, bulletText="•") for point in post.points]
        story.append(Spacer(1, 6))
    return story


def _post_line(post: Post, look: Look) -> Flowable:
    cells = [[Paragraph(escape(post.title), look.title), Paragraph(post.dates, look.dates)]]
    no_padding = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return Table(cells, colWidths=["55%", "45%"], style=no_padding)


def _education(person: Person, look: Look) -> list[Flowable]:
    return [
        *_heading(person.headings.education, look),
        *(Paragraph(escape(line), look.text) for line in person.education),
    ]


def _more(person: Person, look: Look) -> list[Flowable]:
    return [*_heading(person.headings.more, look), Paragraph(escape(person.more), look.text)]


def _portrait() -> ImageReader:
    """A drawn head and shoulders with the grain of a photo, which is what makes it as large as one."""
    width, height = PHOTO_SIZE
    grain = random.Random(7)  # noqa: S311 - the same picture each time, and no secret # nosec B311
    noise = Image.frombytes("L", PHOTO_SIZE, grain.randbytes(width * height))
    picture = Image.new("RGB", PHOTO_SIZE, "#9fb4c4")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 380, 400, 760), fill="#2f4858")
    draw.ellipse((140, 110, 320, 360), fill="#b98260")
    draw.pieslice((125, 80, 335, 330), 180, 360, fill="#2b1d16")
    picture = picture.filter(ImageFilter.GaussianBlur(3))
    picture = Image.blend(picture, Image.merge("RGB", (noise, noise, noise)), 0.15)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=89)
    file.seek(0)
    return ImageReader(file)
