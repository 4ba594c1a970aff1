"""Plots as SVG elements. All that says how they look are attributes, so that the page's policy need allow no style."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from chalicelib.http.publishing.markup import Element, element, fill
from infra.dashboard.series import Values

WIDTH, HEIGHT = 460, 150
LEFT, RIGHT, TOP, BOTTOM = 46, 6, 8, 20
# Told apart by people who do not see red or green as others do (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777777")
STATES = {"up": "#009e73", "healthy": "#009e73", "degraded": "#e69f00", "unknown": "#999999"}
BROKEN = "#d55e00"
INK, GRID = "#57606a", "#d5dae0"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot: what it is called, and a value for each slot."""

    name: str
    values: Values


def plot(lines: Sequence[Line], minutes: float, *, top: float | None = None, bottom: float = 0.0) -> Element:
    """Lines over time, from `bottom` up to `top` or what the values need."""
    highest = top if top is not None else _ceiling(max(_known(lines), default=1.0))
    picture = element("svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img")
    fill(picture, _grid(bottom, highest, minutes))
    for line, colour in zip(lines, COLOURS * len(lines), strict=False):
        fill(picture, _drawn(line.values, colour, bottom, highest))
    if not list(_known(lines)):
        picture.append(_text(WIDTH / 2, HEIGHT / 2, "nothing yet", anchor="middle"))
    return picture


def strip(rows: Sequence[tuple[str, Sequence[str | None]]], minutes: float) -> Element:
    """One row of states over time for each part."""
    height = TOP + 20 * max(1, len(rows)) + BOTTOM
    picture = element("svg", viewBox=f"0 0 {WIDTH} {height}", role="img")
    left = LEFT + 30
    for number, (name, states) in enumerate(rows):
        y = TOP + 20 * number
        picture.append(_text(left - 5, y + 12, name, anchor="end"))
        step = (WIDTH - left - RIGHT) / len(states)
        fill(picture, _cells(states, left, y, step))
    if not rows:
        picture.append(_text(WIDTH / 2, height / 2, "nothing yet", anchor="middle"))
    fill(picture, _times(left, height, minutes))
    return picture


def legend(lines: Sequence[Line]) -> Element:
    """What each colour stands for, and what it was last."""
    items = []
    for line, colour in zip(lines, COLOURS * len(lines), strict=False):
        mark = element("svg", element("rect", width="10", height="10", fill=colour), viewBox="0 0 10 10", class_="mark")
        last = next((value for value in reversed(line.values) if value is not None), None)
        items.append(element("li", mark, f" {line.name} ", element("b", "-" if last is None else short(last))))
    return fill(element("ul"), items)


def short(value: float) -> str:
    """A figure as people say it: 3 digits that matter."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def _known(lines: Sequence[Line]) -> Iterator[float]:
    return (value for line in lines for value in line.values if value is not None)


def _ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, ... that is not below `value`."""
    if not value > 0 or math.isinf(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in (1, 2, 5) if step * power >= value), 10 * power)


def _grid(bottom: float, highest: float, minutes: float) -> Iterator[Element]:
    for share in (0.0, 0.5, 1.0):
        y = _y(bottom + share * (highest - bottom), bottom, highest)
        yield element("line", x1=str(LEFT), x2=str(WIDTH - RIGHT), y1=_n(y), y2=_n(y), stroke=GRID)
        yield _text(LEFT - 5, y + 4, short(bottom + share * (highest - bottom)), anchor="end")
    yield from _times(LEFT, HEIGHT, minutes)


def _times(left: float, height: float, minutes: float) -> Iterator[Element]:
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        words = "now" if share == 1 else f"-{short(minutes * (1 - share))} min"
        yield _text(left + share * (WIDTH - RIGHT - left), height - 5, words, anchor=anchor)


def _drawn(values: Values, colour: str, bottom: float, highest: float) -> Iterator[Element]:
    step = (WIDTH - LEFT - RIGHT) / len(values)
    for is_known, run in groupby(enumerate(values), key=lambda each: each[1] is not None):
        if not is_known:
            continue
        points = [(LEFT + step * (slot + 0.5), _y(value or 0.0, bottom, highest)) for slot, value in run]
        if len(points) == 1:
            ((x, y),) = points
            yield element("circle", cx=_n(x), cy=_n(y), r="1.6", fill=colour)
        else:
            drawn = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
            yield element("polyline", points=drawn, fill="none", stroke=colour, stroke_width="1.6")


def _cells(states: Sequence[str | None], left: float, y: float, step: float) -> Iterator[Element]:
    for state, run in groupby(enumerate(states), key=lambda each: each[1]):
        slots = [slot for slot, _ in run]
        if state is not None:
            x, width = left + slots[0] * step, len(slots) * step
            colour = STATES.get(state, BROKEN)
            yield element("rect", element("title", state), x=_n(x), y=_n(y), width=_n(width), height="15", fill=colour)


def _y(value: float, bottom: float, highest: float) -> float:
    share = (min(max(value, bottom), highest) - bottom) / (highest - bottom)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, words: str, *, anchor: str) -> Element:
    return element("text", words, x=_n(x), y=_n(y), fill=INK, text_anchor=anchor)


def _n(value: float) -> str:
    return f"{value:.1f}"
