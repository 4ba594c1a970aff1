"""A résumé of about 200 KB as people send it: text on two pages and a portrait."""

from __future__ import annotations

import io
import random

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from infra.demo.people import AMELIA
from tests.samples import pdf_drawn

# Noise does not get smaller; with the encoding of the PDF its bytes grow by a quarter.
PORTRAIT = (372, 420)
LINE_HEIGHT, TOP, BOTTOM, WIDTH = 14, 780, 60, 88


def build(number: int) -> bytes:
    """The résumé of one person; each `number` is another one."""
    rng = random.Random(number)
    portrait = Image.frombytes("L", PORTRAIT, rng.randbytes(PORTRAIT[0] * PORTRAIT[1]))
    picture = io.BytesIO()
    portrait.save(picture, "PNG")
    picture.seek(0)

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(picture), 470, 690, 93, 105)
        height = TOP
        for line in _lines(number):
            if height < BOTTOM:
                canvas.showPage()
                height = TOP
            canvas.drawString(50, height, line)
            height -= LINE_HEIGHT
        canvas.showPage()

    return pdf_drawn(draw)


def _lines(number: int) -> list[str]:
    name = f"Amelia Hartley {_roman(number)}"
    lines = [name, AMELIA.headline, f"amelia.{number}@benchmark.example | {AMELIA.phone}", AMELIA.location, ""]
    lines += ["Summary", *_folded(AMELIA.summary), "", "Skills", *_folded(", ".join(AMELIA.skills)), "", "Experience"]
    for post in AMELIA.posts:
        lines += [f"{post.title}, {post.employer}, {post.place}", post.dates]
        lines += [line for point in post.points for line in _folded(f"- {point}")]
        lines.append("")
    return [*lines, "Education", *AMELIA.education, "", "Interests", *_folded(AMELIA.more)]


def _roman(number: int) -> str:
    return "".join("IVXLCDM"[int(digit) % 7] for digit in str(number))


def _folded(text: str) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) >= WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]
