"""Which characters of a PDF page leave ink that a reader sees.

Not seen are: text drawn in the invisible mode (unless all of the page's text is, over a picture: that is how scanners
store what they recognised), text under 3 points, text outside the page, text without opacity, and text that is white
or nearly so with nothing darker, and no picture, filled under it. What lies under is judged by bounding boxes. Text
covered by a later shape, cut away by a clipping path, or of the colour of a dark ground is taken as seen.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from typing import Any, NamedTuple

from pypdfium2 import raw

SMALLEST_POINTS = 3
NEAR_WHITE = 235  # of 255, in each of red, green and blue
NEAR_NOTHING = 25  # of 255 of opacity
SCAN_COVERS = 0.5  # of the page
OUTSIDE_TOLERANCE_POINTS = 1
MAX_NESTING = 8
OBJECTS_LOOKED_AT = 20_000

Box = tuple[float, float, float, float]  # left, bottom, right, top in points
Matrix = tuple[float, float, float, float, float, float]
UPRIGHT: Matrix = (1, 0, 0, 1, 0, 0)


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
            drawn_by = raw.FPDFText_GetTextObject(self._text_page, index)
            if not drawn_by:
                yield Glyph(character, None, 0)
                continue
            if (pointer := ctypes.addressof(drawn_by.contents)) != address:
                run, address = self._run(index, drawn_by), pointer
            box = self._box(index)
            if run.is_seen and self._is_on_page(box) and not (run.needs_ground and not self._has_ground(box)):
                yield Glyph(character, box, run.size)

    def _run(self, index: int, drawn_by: Any) -> Run:
        mode = raw.FPDFTextObj_GetTextRenderMode(drawn_by)
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
        return abs(float(raw.FPDFText_GetFontSize(self._text_page, index))) * scale

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
            self._grounds = [ground for ground, _ in _grounds(self._page)]
        x, y = _middle(box)
        return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in self._grounds)

    def _is_scan(self) -> bool:
        """Whether the page is a picture, and all its text is the invisible one that was recognised in it."""
        if self._scan is None:
            whole = _area(self._edge)
            covered = sum(_area(_overlap(box, self._edge)) for box, is_image in _grounds(self._page) if is_image)
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


def _grounds(page: Any) -> list[tuple[Box, bool]]:
    """The boxes of pictures (True) and of shadings and shapes filled with a colour (False), those in forms included."""
    found: list[tuple[Box, bool]] = []
    objects = (raw.FPDFPage_GetObject(page, index) for index in range(raw.FPDFPage_CountObjects(page)))
    for seen, (item, matrix) in enumerate(_flattened(objects, UPRIGHT, MAX_NESTING)):
        if seen > OBJECTS_LOOKED_AT:
            break
        kind = raw.FPDFPageObj_GetType(item)
        is_image = kind == raw.FPDF_PAGEOBJ_IMAGE
        if is_image or kind == raw.FPDF_PAGEOBJ_SHADING or (kind == raw.FPDF_PAGEOBJ_PATH and _is_filled(item)):
            found.append((_bounds(item, matrix), is_image))
    return found


def _flattened(objects: Iterator[Any], matrix: Matrix, nesting: int) -> Iterator[tuple[Any, Matrix]]:
    for item in objects:
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_FORM:
            yield item, matrix
        elif nesting:
            inner = (raw.FPDFFormObj_GetObject(item, n) for n in range(raw.FPDFFormObj_CountObjects(item)))
            yield from _flattened(inner, _times(_own_matrix(item), matrix), nesting - 1)


def _is_filled(path: Any) -> bool:
    mode, strokes = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(path, mode, strokes) or mode.value == raw.FPDF_FILLMODE_NONE:
        return False
    parts = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(path, *parts):
        return True
    *red_green_blue, opacity = (part.value for part in parts)
    return opacity >= NEAR_NOTHING and min(red_green_blue) < NEAR_WHITE


def _own_matrix(item: Any) -> Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, matrix):
        return UPRIGHT
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    )


def _bounds(item: Any, matrix: Matrix) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (left.value, right.value) for y in (bottom.value, top.value)]
    xs = [x * a + y * c + e for x, y in corners]
    ys = [x * b + y * d + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
