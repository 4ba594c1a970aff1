"""PDF: what a person sees on the page is read, what is only in the file is not."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from reportlab.lib.colors import Color, black, white
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from chalicelib.resumes import pdf
from chalicelib.resumes.limits import ReadingLimits
from tests import samples

LIMITS = ReadingLimits(timeout_seconds=20, memory_mib=512, max_pages=100)


def text_of(*drawings: Callable[[Canvas], None]) -> str:
    """What is read of a page with a visible line and `drawings`."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 800, "Seen above")
        for drawing in drawings:
            canvas.saveState()
            drawing(canvas)
            canvas.restoreState()
        canvas.drawString(50, 100, "Seen below")

    return "\n".join(pdf.pages(samples.pdf_drawn(draw), LIMITS))


def write(
    text: str, *, size: float = 12, colour: Color = black, at: tuple[float, float] = (60, 400)
) -> Callable[..., None]:
    def drawing(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        canvas.setFillColor(colour)
        canvas.drawString(*at, text)

    return drawing


def fill(colour: Color) -> Callable[[Canvas], None]:
    def drawing(canvas: Canvas) -> None:
        canvas.setFillColor(colour)
        canvas.rect(40, 380, 300, 60, stroke=0, fill=1)

    return drawing


def in_form(*drawings: Callable[[Canvas], None], scale: float = 1) -> Callable[[Canvas], None]:
    """The same drawn by a form, a drawing that a page refers to."""

    def drawing(canvas: Canvas) -> None:
        canvas.beginForm("form")
        for inner in drawings:
            inner(canvas)
        canvas.endForm()
        canvas.scale(scale, scale)
        canvas.doForm("form")

    return drawing


HIDDEN = {
    "in the invisible mode": (lambda canvas: samples.draw_invisible(canvas, ["trick"]),),
    "white on white": (write("trick", colour=white),),
    "nearly white": (write("trick", colour=Color(0.97, 0.96, 0.98)),),
    "white on a white shape": (fill(white), write("trick", colour=white)),
    "white in a form": (in_form(write("trick", colour=white)),),
    "without opacity": (write("trick", colour=Color(0, 0, 0, alpha=0)),),
    "of one point": (write("trick", size=1),),
    "made small by a form": (in_form(write("trick"), scale=0.1),),
    "right of the page": (write("trick", at=(700, 400)),),
    "under the page": (write("trick", at=(60, -40)),),
}


@pytest.mark.parametrize("how", HIDDEN)
def test_hidden_text_is_not_read(how: str) -> None:
    assert text_of(*HIDDEN[how]) == "Seen above\nSeen below"


SEEN = {
    "white on a dark shape": (fill(black), write("shown", colour=white)),
    "white on a dark shape in a form": (in_form(fill(black), write("shown", colour=white)),),
    "white on the dark shape of a form": (in_form(fill(black)), write("shown", colour=white)),
    "white on a picture": (
        lambda canvas: canvas.drawImage(ImageReader(io.BytesIO(samples.png())), 40, 380, 300, 60),
        write("shown", colour=white),
    ),
    "light grey": (write("shown", colour=Color(0.7, 0.7, 0.7)),),
    "of four points": (write("shown", size=4),),
    "large in a small form": (in_form(write("shown", size=60), scale=0.2),),
}


@pytest.mark.parametrize("how", SEEN)
def test_visible_text_is_read(how: str) -> None:
    assert "shown" in text_of(*SEEN[how])


def test_what_was_recognised_in_a_scan_is_read() -> None:
    content = samples.image_only_pdf(pages=1, recognised=["Jordan Sample", "Engineer"])

    assert pdf.pages(content, LIMITS) == ["Jordan Sample\nEngineer"]


def test_a_turned_and_cropped_page_is_read_to_its_edges() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(90)  # which makes the page 842 points wide and 595 high
        canvas.setCropBox((100, 300, 800, 550))
        canvas.drawString(110, 305, "in the corner")
        canvas.drawString(700, 535, "in the other")
        canvas.drawString(400, 250, "cropped away")

    assert pdf.pages(samples.pdf_drawn(draw), LIMITS) == ["in the corner\nin the other"]


def test_text_along_the_edge_of_the_page_is_read() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 300)
        canvas.rotate(90)
        canvas.drawString(0, 0, "upwards")

    assert pdf.pages(samples.pdf_drawn(draw), LIMITS) == ["upwards"]


def test_the_address_of_a_link_is_not_text() -> None:
    linked = text_of(lambda canvas: canvas.linkURL("https://hidden.example.com", (50, 790, 150, 810)))

    assert "hidden" not in linked


def test_a_word_parted_at_a_line_end_is_whole_again() -> None:
    lines = ["I did software develop-", "ment for a full-", "stack team in Baden-", "Baden."]

    assert pdf.pages(samples.pdf_of(lines), LIMITS) == [
        "I did software development for a full-stack team in Baden-Baden."
    ]


def test_columns_drawn_line_by_line_are_read_one_after_the_other() -> None:
    left = [f"left line {number} about skills" for number in range(10)]
    right = [f"right line {number} about work" for number in range(10)]

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 800, "Jordan Sample, an engineer whose headline runs over the whole width of the page")
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            canvas.drawString(50, 760 - 16 * number, one)
            canvas.drawString(320, 760 - 16 * number, other)

    text = pdf.pages(samples.pdf_drawn(draw), LIMITS)[0]

    assert text.splitlines()[1:] == [*left, *right]


def test_dates_at_the_right_edge_stay_with_their_titles() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(12):
            canvas.drawString(50, 800 - 30 * number, f"Engineer of the grade {number}")
            canvas.drawRightString(545, 800 - 30 * number, f"20{10 + number} – 20{11 + number}")

    assert "Engineer of the grade 3 2013 – 2014" in pdf.pages(samples.pdf_drawn(draw), LIMITS)[0].splitlines()
