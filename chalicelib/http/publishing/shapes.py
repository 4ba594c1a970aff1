"""JSON Schemas put into words, for people: what a field holds, within which limits."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chalicelib.http.publishing.markup import Element, Piece, element, prose, table
from chalicelib.http.publishing.schemas import REF, Json

ONE_LINE = r"^[^\r\n]*$"
LONGEST_PATTERN = 60
LIMITS = (
    ("minimum", "maximum", ""),
    ("exclusiveMinimum", "exclusiveMaximum", " (exclusive)"),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
)


class Shapes:
    """The named schemas of one document."""

    def __init__(self, schemas: Json) -> None:
        self._schemas = schemas

    def objects(self) -> Iterator[tuple[str, Json]]:
        """Every named schema that has fields."""
        return ((name, schema) for name, schema in self._schemas.items() if schema.get("properties"))

    def named(self, reference: Json) -> tuple[str, Json]:
        """The name and the schema behind a reference."""
        name = str(reference["$ref"]).removeprefix(REF)
        return name, self._schemas[name]

    def fields(self, schema: Json) -> Element:
        """The fields of an object as a table. What must be there is marked in what is sent to us, and goes without
        saying in what we send."""
        is_body = schema.get("additionalProperties") is False
        required = schema.get("required", []) if is_body else []
        rows = [(name_cell(name, name in required), self.holds(field)) for name, field in schema["properties"].items()]
        return table(("Field", "Holds"), rows)

    def holds(self, field: Json) -> list[Piece]:
        """What a field holds: its kind, its limits, its default, and what is said about it."""
        pieces = [*self.kind(field), *_default(field)]
        if "description" in field and "$ref" not in field:
            pieces += [". ", *prose(field["description"])]
        return pieces

    def kind(self, schema: Json) -> list[Piece]:
        """The kind of a value with its limits: `integer or null, 1 to 5`, `list of RequirementView, up to 50 items`."""
        choices = schema.get("anyOf", [schema])
        kinds = _joined(" or ", [self._bare(choice) for choice in choices])
        return [*kinds, *(piece for choice in choices for piece in _limits(choice))]

    def _bare(self, schema: Json) -> list[Piece]:
        if "$ref" in schema:
            name, target = self.named(schema)
            return [link_to(name)] if target.get("properties") else self._bare(target)
        if "enum" in schema:
            return ["one of ", *_joined(", ", [[_code(value)] for value in schema["enum"]])]
        if "const" in schema:
            return [_code(schema["const"])]
        if schema.get("type") == "array":
            return ["list of ", *self._item(schema.get("items", {}))]
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and extra:
            return ["object of ", *self._item(extra)]
        return [str(schema.get("format") or schema.get("type") or "anything")]

    def _item(self, schema: Json) -> list[Piece]:
        limits = _limits(schema)
        # The item's own limits in brackets: those of the list follow.
        return [*self._bare(schema), *([" (", str(limits[0]).removeprefix(", "), *limits[1:], ")"] if limits else [])]


def name_cell(name: str, is_required: bool, where: str = "") -> list[Piece]:
    """A name, with where it goes and whether it must be there."""
    pieces: list[Piece] = [element("code", name)]
    notes = ", ".join(note for note in (where, "required" if is_required else "") if note)
    return [*pieces, " ", element("small", notes)] if notes else pieces


def link_to(name: str) -> Element:
    """A link to where a shape is described."""
    return element("a", name, href=f"#schema-{name}")


def _code(value: object) -> Element:
    return element("code", value if isinstance(value, str) else json.dumps(value))


def _joined(separator: str, runs: list[list[Piece]]) -> list[Piece]:
    return [piece for number, run in enumerate(runs) for piece in ([separator, *run] if number else run)]


def _default(field: Json) -> list[Piece]:
    return [", default ", _code(field["default"])] if field.get("default") is not None else []


def _limits(schema: Json) -> list[Piece]:
    pieces: list[Piece] = []
    for low, high, unit in LIMITS:
        words = _range(schema.get(low), schema.get(high))
        pieces += [f", {words}{unit}"] if words else []
    pattern = schema.get("pattern")
    if pattern == ONE_LINE:
        pieces.append(", one line")
    elif pattern is not None and len(pattern) <= LONGEST_PATTERN:
        pieces += [", like ", element("code", pattern)]
    return pieces


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    if low is not None:
        return f"{_number(low)} or more"
    return f"up to {_number(high)}" if high is not None else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"
