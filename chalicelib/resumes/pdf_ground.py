"""What lies under the text of a PDF page: pictures, shadings and filled shapes, by their bounding boxes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

from pypdfium2 import raw

NEAR_WHITE = 235  # of 255, in each of red, green and blue
NEAR_NOTHING = 25  # of 255 of opacity
MAX_NESTING = 8
OBJECTS_LOOKED_AT = 20_000

Box = tuple[float, float, float, float]  # left, bottom, right, top in points
Matrix = tuple[float, float, float, float, float, float]
UPRIGHT: Matrix = (1, 0, 0, 1, 0, 0)


def grounds(page: Any) -> list[tuple[Box, bool]]:
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


def has_drawings(page: Any) -> bool:
    """Whether a picture, shape or shading is drawn on the page."""
    count = min(raw.FPDFPage_CountObjects(page), OBJECTS_LOOKED_AT)
    kinds = (raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, index)) for index in range(count))
    return any(kind not in (raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_UNKNOWN) for kind in kinds)


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
