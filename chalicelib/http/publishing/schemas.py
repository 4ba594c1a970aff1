"""JSON Schemas of all bodies, queries and answers, named once and referred to from the operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]
REF = "#/components/schemas/"
PAGE = re.compile(r"Page_(\w+?)(?:View)?_")


class FieldError(BaseModel):
    """One wrong field or parameter, by its dotted name."""

    field: str
    message: str


class Problem(BaseModel):
    """Every refusal and failure (RFC 9457). `code` is stable: decide by it, and show `detail` to people. Some codes
    bring further members."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="`urn:recruitpro:problem:` and the code.")
    title: str
    status: int
    detail: str
    code: str
    request_id: str = Field(description="Names this request in our logs.")
    errors: list[FieldError] = Field(default_factory=list, description="For 422: every mistake at once.")


class OpenApiDocument(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]


class HtmlPage(RootModel[str]):
    """A page for people."""

    model_config = ConfigDict(json_schema_extra={"contentMediaType": "text/html"})


class _Generator(GenerateJsonSchema):
    """Pydantic's, with names that read well and with answers whose fields are always there."""

    def normalize_name(self, name: str) -> str:
        normal = super().normalize_name(name)
        page = PAGE.fullmatch(normal)
        return f"{page[1]}Page" if page else normal

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        # An answer is dumped whole, fields at their defaults included.
        return self.mode == "serialization" or super().field_is_required(field, total)


class Schemas:
    """The schemas of `bodies` (what may be sent), `queries` and `answers` (what comes back)."""

    def __init__(
        self,
        bodies: Iterable[type[BaseModel]],
        queries: Iterable[type[BaseModel]],
        answers: Iterable[type[BaseModel]],
    ) -> None:
        self._queries, bodies = list(dict.fromkeys(queries)), list(dict.fromkeys(bodies))
        inputs: list[tuple[type[BaseModel], Mode]] = [(Problem, "validation")]
        inputs += [(model, "validation") for model in [*bodies, *self._queries]]
        inputs += [(model, "serialization") for model in answers]
        self._refs, found = models_json_schema(
            list(dict.fromkeys(inputs)), ref_template=REF + "{model}", schema_generator=_Generator
        )
        self._all: Json = _untitled(found.get("$defs", {}))
        for body in bodies:
            self._refuse_null(body)

    def ref(self, model: type[BaseModel], mode: Mode) -> Json:
        """A reference to the schema of `model`."""
        return dict(self._refs[model, mode])

    def media_type(self, model: type[BaseModel]) -> str:
        """What an answer of this shape is sent as."""
        return str(self._named(model, "serialization").get("contentMediaType", "application/json"))

    def parameters(self, query: type[BaseModel]) -> list[Json]:
        """Each field of a query model as a query parameter."""
        schema = self._named(query, "validation")
        required = schema.get("required", [])
        return [_parameter(name, field, name in required) for name, field in schema.get("properties", {}).items()]

    def components(self) -> Json:
        """All named schemas; query models are spelt out as parameters and need no name."""
        spelt_out = {_name(self.ref(query, "validation")) for query in self._queries}
        return {name: schema for name, schema in self._all.items() if name not in spelt_out}

    def _refuse_null(self, body: type[BaseModel]) -> None:
        """A change can leave these fields out, but not empty them."""
        fields = self._named(body, "validation").get("properties", {})
        for name in getattr(body, "never_null", ()):
            fields[name] = _without_null(fields[name])

    def _named(self, model: type[BaseModel], mode: Mode) -> Json:
        schema: Json = self._all[_name(self.ref(model, mode))]
        return schema


def _name(ref: Json) -> str:
    return str(ref["$ref"]).removeprefix(REF)


def _parameter(name: str, field: Json, is_required: bool) -> Json:
    # A parameter that is not wanted is left out: there is no null in a query string.
    schema = _without_null(field)
    description = {"description": schema.pop("description")} if "description" in schema else {}
    return {"name": name, "in": "query", "required": is_required, **description, "schema": schema}


def _without_null(field: Json) -> Json:
    schema = dict(field)
    choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
    if choices:
        schema.update(choices[0] if len(choices) == 1 else {"anyOf": choices})
    if schema.get("default", ...) is None:
        del schema["default"]
    return schema


def _untitled(schema: Any) -> Any:
    """Without the titles that repeat a name; a property that is called `title` stays."""
    if isinstance(schema, dict):
        return {key: _untitled(value) for key, value in schema.items() if key != "title" or isinstance(value, dict)}
    return [_untitled(item) for item in schema] if isinstance(schema, list) else schema
