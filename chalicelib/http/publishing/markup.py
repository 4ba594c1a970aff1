"""HTML as elements, so that every text and attribute is escaped by the library that writes them."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree  # writes, and reads nothing # nosec B405

Element = ElementTree.Element
Piece = Element | str


def element(tag: str, *children: Piece, **attributes: str) -> Element:
    """An element with text and elements in it; `class_` is the attribute `class`."""
    node = Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    return fill(node, children)


def fill(node: Element, children: Iterable[Piece]) -> Element:
    """`node` with `children` appended."""
    for child in children:
        if isinstance(child, Element):
            node.append(child)
        elif len(node):
            node[-1].tail = (node[-1].tail or "") + child
        else:
            node.text = (node.text or "") + child
    return node


def prose(text: str) -> list[Piece]:
    """A docstring's text, with `code` between backticks."""
    parts = text.split("`")
    return [element("code", part) if number % 2 else part for number, part in enumerate(parts) if part]


def table(head: Iterable[str], rows: Iterable[Iterable[Iterable[Piece]]]) -> Element:
    """A table; each cell is a run of pieces."""
    header = element("thead", fill(element("tr"), [element("th", title, scope="col") for title in head]))
    body = [fill(element("tr"), [fill(element("td"), cell) for cell in row]) for row in rows]
    return element("table", header, fill(element("tbody"), body))


def render(root: Element) -> str:
    """The whole page."""
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"
