"""Which characters of a PDF page leave ink that a reader sees.

Not seen are: text drawn in the invisible mode (unless all of the page's text is, over a picture: that is how scanners
store what they recognised), text under 3 points, text outside the page, text without opacity, and text that is white
or nearly so with nothing darker, and no picture, filled under it. What lies under is judged by bounding boxes. Text
covered by a later shape, cut away by a clipping path, or of the colour of a dark ground is taken as seen, and a font's
own word for which letter it draws is believed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from typing import Any, NamedTuple

from pypdfium2 import raw

from chalicelib.resumes.pdf_ground import NEAR_NOTHING, NEAR_WHITE, Box, grounds

SMALLEST_POINTS = 3
SCAN_COVERS = 0.5  # of the page
OUTSIDE_TOLERANCE_POINTS = 1
LETTERS_MEASURED = 8


class Glyph(NamedTuple):
    """One visible character; `box` is None for a space or line end that stands for a distance only."""

    character: str
    box: Box | None
    size: float


@dataclass(frozen=True, slots=True)
class Run:
    """What the characters of one text object share."""

    is_seen: bool
    needs_ground: bool
    size: float


class Ink:
    """The visible characters of one page."""

    def __init__(self, page: Any, text_page: Any) -> None:
        self._page, self._text_page = page, text_page
        self._edge = self._page_box()
        self._grounds: list[Box] | None = None
        self._scan: bool | None = None

    def glyphs(self) -> Iterator[Glyph]:
        """The page's characters as pdfium orders them, without those that nobody sees."""
        run, address = Run(True, False, 0), None
        for index in range(raw.FPDFText_CountChars(self._text_page)):
            character = _character(raw.FPDFText_GetUnicode(self._text_page, index))
            drawn_by = self._address(index)
            if drawn_by is None:
                yield Glyph(character, None, 0)
                continue
            if drawn_by != address:
                run, address = self._run(index), drawn_by
            box = self._box(index)
            if run.is_seen and self._is_on_page(box) and not (run.needs_ground and not self._has_ground(box)):
                yield Glyph(character, box, run.size)

    def _address(self, index: int) -> int | None:
        """The text object that draws a character, by its address; None when pdfium infers the character."""
        drawn_by = raw.FPDFText_GetTextObject(self._text_page, index)
        return ctypes.addressof(drawn_by.contents) if drawn_by else None

    def _run(self, index: int) -> Run:
        mode = raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(self._text_page, index))
        size = self._size(index)
        if mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return Run(size >= SMALLEST_POINTS and self._is_scan(), needs_ground=False, size=size)
        colour = self._colour(index, strokes=mode == raw.FPDF_TEXTRENDERMODE_STROKE)
        if colour is None:  # a pattern or shading: ink of some kind
            return Run(size >= SMALLEST_POINTS, needs_ground=False, size=size)
        *red_green_blue, opacity = colour
        return Run(size >= SMALLEST_POINTS and opacity >= NEAR_NOTHING, min(red_green_blue) >= NEAR_WHITE, size)

    def _size(self, index: int) -> float:
        matrix = raw.FS_MATRIX()
        if not raw.FPDFText_GetMatrix(self._text_page, index, matrix):
            return SMALLEST_POINTS
        scale = min(hypot(matrix.a, matrix.b), hypot(matrix.c, matrix.d))
        size = abs(float(raw.FPDFText_GetFontSize(self._text_page, index))) * scale
        return size if size >= SMALLEST_POINTS else max(size, self._height(index))

    def _height(self, index: int) -> float:
        """The height of the tallest of some letters: old fonts (Type 3) may state a size of 1 and be drawn large."""
        own, last = self._address(index), min(index + LETTERS_MEASURED, raw.FPDFText_CountChars(self._text_page))
        boxes = (self._box(near) for near in range(index, last) if self._address(near) == own)
        return max((top - bottom for _, bottom, _, top in boxes), default=0)

    def _colour(self, index: int, *, strokes: bool) -> tuple[int, ...] | None:
        parts = [ctypes.c_uint() for _ in range(4)]
        get = raw.FPDFText_GetStrokeColor if strokes else raw.FPDFText_GetFillColor
        return tuple(part.value for part in parts) if get(self._text_page, index, *parts) else None

    def _box(self, index: int) -> Box:
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        raw.FPDFText_GetCharBox(self._text_page, index, left, right, bottom, top)
        return left.value, bottom.value, right.value, top.value

    def _page_box(self) -> Box:
        edge = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(self._page, edge)
        return edge.left, edge.bottom, edge.right, edge.top

    def _is_on_page(self, box: Box) -> bool:
        x, y = _middle(box)
        left, bottom, right, top = self._edge
        slack = OUTSIDE_TOLERANCE_POINTS
        return left - slack <= x <= right + slack and bottom - slack <= y <= top + slack

    def _has_ground(self, box: Box) -> bool:
        if self._grounds is None:
            self._grounds = [ground for ground, _ in grounds(self._page)]
        x, y = _middle(box)
        return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in self._grounds)

    def _is_scan(self) -> bool:
        """Whether the page is a picture, and all its text is the invisible one that was recognised in it."""
        if self._scan is None:
            whole = _area(self._edge)
            covered = sum(_area(_overlap(box, self._edge)) for box, is_image in grounds(self._page) if is_image)
            self._scan = covered >= SCAN_COVERS * whole and self._all_is_invisible()
        return self._scan

    def _all_is_invisible(self) -> bool:
        for index in range(raw.FPDFText_CountChars(self._text_page)):
            drawn_by = raw.FPDFText_GetTextObject(self._text_page, index)
            if drawn_by and raw.FPDFTextObj_GetTextRenderMode(drawn_by) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                return False
        return True


def _character(code: int) -> str:
    return chr(code) if 0 < code <= 0x10FFFF else ""


def _middle(box: Box) -> tuple[float, float]:
    left, bottom, right, top = box
    return (left + right) / 2, (bottom + top) / 2


def _area(box: Box) -> float:
    left, bottom, right, top = box
    return max(right - left, 0) * max(top - bottom, 0)


def _overlap(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
