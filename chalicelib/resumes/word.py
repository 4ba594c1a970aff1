"""The visible text of a Word document (DOCX): headers, body in document order, footers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from chalicelib.resumes import archive
from chalicelib.resumes.errors import FileDamaged, TooManyPages
from chalicelib.resumes.limits import ReadingLimits
from chalicelib.resumes.plain import tidy
from chalicelib.resumes.word_styles import Looks, Styles, W, is_on, value

PAGE_BREAK = "\f"
LIST_MARK = "- "
UNDERSTOOD = frozenset({"wps", "wpg", "wpc", "wpi", "w14", "w15", "w16", "wp14", "a14", "v", "cx", "am3d", "aink"})
COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
RELATIONSHIP_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Stands in the file, but not on the page: deleted text, field codes, comments, the old half of a moved passage.
NOT_SHOWN = frozenset(W + name for name in ("del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr"))
CHARACTERS = {
    W + "tab": "\t",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "lastRenderedPageBreak": PAGE_BREAK,
}


def pages(content: bytes, limits: ReadingLimits) -> list[str]:
    """The tidy visible text, parted at page breaks. Raises what `archive.check` does, FileDamaged, TooManyPages."""
    archive.check(content)
    document = _opened(content)
    styles = Styles(document.styles.element)
    body = document.element.body
    headers, footers = ([*_margins(document, styles, kind)] for kind in ("header", "footer"))
    text = "\n".join([*headers, *Reader(styles, document.element).blocks(body), *footers])
    found = [page for page in map(tidy, text.split(PAGE_BREAK)) if page]
    if len(found) > limits.max_pages:
        raise TooManyPages(len(found), limits.max_pages)
    return found or [""]


def _opened(content: bytes) -> Any:
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        return docx.Document(io.BytesIO(content))
    except (PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, AttributeError):
        raise FileDamaged("it is no whole Word document") from None


def _margins(document: Any, styles: Styles, kind: str) -> Iterator[str]:
    """The text of each header (or footer) that some page shows, once."""
    shows_even = is_on(document.settings.element.find(W + "evenAndOddHeaders"))
    seen: set[str] = set()
    for section in document.element.body.iter(W + "sectPr"):
        shown = {"default": True, "first": is_on(section.find(W + "titlePg")), "even": shows_even}
        for reference in section.findall(f"{W}{kind}Reference"):
            part_id = reference.get(RELATIONSHIP_ID)
            if not shown.get(reference.get(W + "type", "default"), False) or part_id in seen:
                continue
            seen.add(part_id)
            root = document.part.related_parts[part_id].element
            text = "\n".join(Reader(styles, root).blocks(root)).replace(PAGE_BREAK, "\n")
            if text.strip() and text not in seen:
                seen.add(text)
                yield text


class Reader:
    """Walks the elements of one part; `root` is the part's own element."""

    def __init__(self, styles: Styles, root: Any) -> None:
        self._looks = Looks(styles, root)
        self._styles = styles

    def blocks(self, parent: Any) -> Iterator[str]:
        """The text of the paragraphs and tables in `parent`, in order; each may hold line and page breaks."""
        for child in parent:
            if child.tag == W + "p":
                yield from self._paragraph(child)
            elif child.tag == W + "tbl":
                yield from self._table(child)
            elif child.tag == COMPATIBLE + "AlternateContent":
                yield from self.blocks(_chosen(child))
            elif child.tag not in NOT_SHOWN and isinstance(child.tag, str):
                yield from self.blocks(child)  # content controls, custom XML, inserted passages

    def _paragraph(self, paragraph: Any) -> Iterator[str]:
        boxes: list[str] = []
        text = "".join(self._inline(paragraph, paragraph, boxes))
        mark = LIST_MARK if text.strip() and self._styles.is_list_item(paragraph) else ""
        yield mark + text
        yield from boxes

    def _inline(self, element: Any, paragraph: Any, boxes: list[str]) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag in NOT_SHOWN or not isinstance(tag, str):
                continue
            if tag == W + "r" and not self._looks.is_seen(child, paragraph):
                continue
            if tag == W + "t":
                yield child.text or ""
            elif tag == W + "br":
                yield PAGE_BREAK if value(child, "type") == "page" else "\n"
            elif tag in CHARACTERS:
                yield CHARACTERS[tag]
            elif tag == W + "txbxContent":
                boxes.extend(self.blocks(child))
            elif tag == COMPATIBLE + "AlternateContent":
                yield from self._inline(_chosen(child), paragraph, boxes)
            else:
                yield from self._inline(child, paragraph, boxes)

    def _table(self, table: Any) -> Iterator[str]:
        for row in table.iter(W + "tr"):
            # Rows of a table inside a cell are read with that cell.
            if next(row.iterancestors(W + "tbl")) is table and not is_on(row.find(f"{W}trPr/{W}hidden")):
                yield from self._row(row)

    def _row(self, row: Any) -> Iterator[str]:
        """One line for a row of single lines; cell after cell for a row that lays out whole columns."""
        cells = [[*self.blocks(cell)] for cell in row.iter(W + "tc") if next(cell.iterancestors(W + "tr")) is row]
        cells = [lines for cell in cells if (lines := [line for line in cell if line.strip()])]
        if all(len(cell) == 1 and "\n" not in cell[0] for cell in cells):
            yield "\t".join(cell[0] for cell in cells)
        else:
            for cell in cells:
                yield from cell


def _chosen(alternatives: Any) -> Any:
    """The one of several renderings of the same thing that a present-day Word shows."""
    choice = alternatives.find(COMPATIBLE + "Choice")
    fallback = alternatives.find(COMPATIBLE + "Fallback")
    if choice is not None and set(choice.get("Requires", "").split()) <= UNDERSTOOD:
        return choice
    return fallback if fallback is not None else ()
