"""How a run of a Word document looks: hidden, too small or white text is in the file, but no reader sees it.

White text counts as seen on a dark ground: shading of the run, paragraph, cell or table, the fill of its text box, or
a large picture or shape that lies behind the page's text.
"""

from __future__ import annotations

from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
VML = "{urn:schemas-microsoft-com:vml}"
SMALLEST_HALF_POINTS = 6
NEAR_WHITE = 235  # of 255, in each of red, green and blue
DEEPEST_STYLE = 20
LARGE_EMU = 914_400  # an inch: a shape this wide and high may be the ground of a column
FALSE_WORDS = ("0", "false", "off", "none")
FILLS = ("gradFill", "blipFill", "pattFill")


def value(element: Any, name: str = "val") -> str | None:
    """An attribute of Word's own namespace."""
    found = element.get(W + name)
    return None if found is None else str(found)


def is_on(switch: Any) -> bool:
    """Whether an on-off element is there and not switched off by its value."""
    return switch is not None and (value(switch) or "true").lower() not in FALSE_WORDS


def is_near_white(colour: str | None) -> bool:
    """Whether `RRGGBB` is white to the eye; `auto` and words are not."""
    try:
        red_green_blue = bytes.fromhex((colour or "").removeprefix("#"))
    except ValueError:
        return (colour or "").lower() == "white"
    return len(red_green_blue) == 3 and min(red_green_blue) >= NEAR_WHITE


class Styles:
    """The properties that styles give to runs and paragraphs, those inherited from their base styles included."""

    def __init__(self, root: Any) -> None:
        self._by_id = {value(style, "styleId"): style for style in root.iter(W + "style")}
        self._defaults = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._default_ids = {
            value(style, "type"): value(style, "styleId")
            for style in root.iter(W + "style")
            if (value(style, "default") or "0").lower() not in FALSE_WORDS
        }

    def run_property(self, run: Any, paragraph: Any, name: str) -> Any:
        """The element `w:name` that applies to `run`: its own, its styles', the document's; None when none sets it."""
        own = run.find(f"{W}rPr/{W}{name}")
        if own is not None:
            return own
        character_style = run.find(f"{W}rPr/{W}rStyle")
        for start in (character_style, *self._paragraph_styles(paragraph)):
            found = self._inherited(start, f"{W}rPr/{W}{name}")
            if found is not None:
                return found
        return None if self._defaults is None else self._defaults.find(W + name)

    def paragraph_property(self, paragraph: Any, name: str) -> Any:
        """The element `w:name` that applies to `paragraph`, or None."""
        own = paragraph.find(f"{W}pPr/{W}{name}")
        if own is not None:
            return own
        for start in self._paragraph_styles(paragraph):
            found = self._inherited(start, f"{W}pPr/{W}{name}")
            if found is not None:
                return found
        return None

    def is_list_item(self, paragraph: Any) -> bool:
        """Whether Word draws a bullet or a number in front of `paragraph`."""
        numbering = self.paragraph_property(paragraph, "numPr")
        if numbering is None:
            return False
        number_id = numbering.find(W + "numId")
        return number_id is not None and value(number_id) != "0"

    def table_is_dark(self, table: Any) -> bool:
        """Whether some part of the table's style has a dark ground."""
        style = self._by_id.get(_name(table.find(f"{W}tblPr/{W}tblStyle")))
        return style is not None and any(_is_dark(shading) for shading in style.iter(W + "shd"))

    def _paragraph_styles(self, paragraph: Any) -> tuple[Any, ...]:
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        return (named if named is not None else self._default_ids.get("paragraph"),)

    def _inherited(self, start: Any, path: str) -> Any:
        style_id = start if isinstance(start, str) else _name(start)
        for _ in range(DEEPEST_STYLE):
            style = self._by_id.get(style_id)
            if style is None:
                return None
            found = style.find(path)
            if found is not None:
                return found
            style_id = _name(style.find(W + "basedOn"))
        return None


class Looks:
    """Whether a reader sees the runs of one part."""

    def __init__(self, styles: Styles, root: Any) -> None:
        self._styles = styles
        self._is_all_dark = _has_ground(root)

    def is_seen(self, run: Any, paragraph: Any) -> bool:
        """Whether `run` is neither hidden nor smaller than 3 points nor white on white."""
        if is_on(self._styles.run_property(run, paragraph, "vanish")):
            return False
        size = self._styles.run_property(run, paragraph, "sz")
        if size is not None and _number(value(size)) < SMALLEST_HALF_POINTS:
            return False
        colour = self._styles.run_property(run, paragraph, "color")
        if colour is None or not is_near_white(value(colour)):
            return True
        return self._is_all_dark or self._is_on_dark(run, paragraph)

    def _is_on_dark(self, run: Any, paragraph: Any) -> bool:
        shadings = [
            self._styles.run_property(run, paragraph, "shd"),
            self._styles.run_property(run, paragraph, "highlight"),
            self._styles.paragraph_property(paragraph, "shd"),
            *(cell.find(f"{W}tcPr/{W}shd") for cell in run.iterancestors(W + "tc")),
            *(table.find(f"{W}tblPr/{W}shd") for table in run.iterancestors(W + "tbl")),
        ]
        if any(_is_dark(shading) for shading in shadings if shading is not None):
            return True
        return any(map(self._styles.table_is_dark, run.iterancestors(W + "tbl"))) or _is_in_filled_box(run)


def _name(element: Any) -> str | None:
    return None if element is None else value(element)


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return SMALLEST_HALF_POINTS


def _is_dark(shading: Any) -> bool:
    """Whether a shading or highlight paints something that white letters stand out from."""
    fill = value(shading, "fill")
    if fill is None:  # a highlight, named by its colour
        return (value(shading) or "none").lower() not in ("none", "white", "clear", "nil")
    if fill.lower() == "auto":
        return (value(shading) or "clear") not in ("clear", "nil") and not is_near_white(value(shading, "color"))
    return not is_near_white(fill)


def _is_in_filled_box(run: Any) -> bool:
    for shape in run.iterancestors(WPS + "wsp"):
        if _is_filled(shape):
            return True
    return any(
        not is_near_white(str(shape.get("fillcolor")))
        for name in ("rect", "shape", "roundrect")
        for shape in run.iterancestors(VML + name)
        if shape.get("fillcolor")
    )


def _is_filled(shape: Any) -> bool:
    properties = shape.find(WPS + "spPr")
    if properties is None or properties.find(A + "noFill") is not None:
        return False
    solid = properties.find(A + "solidFill")
    if solid is not None:
        plain = solid.find(A + "srgbClr")
        return plain is None or not is_near_white(str(plain.get("val")))
    return any(properties.find(A + name) is not None for name in FILLS) or shape.find(WPS + "style") is not None


def _has_ground(root: Any) -> bool:
    """Whether the page itself is coloured, or something large lies behind the text."""
    background = root.find(W + "background")
    if background is not None and not is_near_white(value(background, "color")):
        return True
    return any(
        anchor.get("behindDoc") == "1" and _is_large(anchor.find(WP + "extent")) for anchor in root.iter(WP + "anchor")
    )


def _is_large(extent: Any) -> bool:
    if extent is None:
        return False
    return min(_number(extent.get("cx")), _number(extent.get("cy"))) >= LARGE_EMU
