"""What cold starts are measured beside: FastAPI and Mangum with the SQLAlchemy, pydantic and driver of the package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from infra.packaging.archive import add_bytecode

# create_engine loads the dialect, so it belongs to what every start pays.
DATABASE = "import sqlalchemy.orm, pg8000, sqlalchemy.dialects.postgresql.pg8000"
STACK = f"import fastapi, mangum, jwt; {DATABASE}"
IMPORTS = {"FastAPI + Mangum + SQLAlchemy": STACK, "the same, with our routes": "import same_api"}
# They are in the package, in the version of its Python.
PACKAGED = {"pydantic", "pydantic-core", "typing-extensions", "typing-inspection", "annotated-types"}
# Our routes with their bodies, queries and answers, written as FastAPI has them; our tables come with the shapes. It
# has views that do nothing, no admission, no logs and no settings.
SAME_API = """
import importlib
{stack}
from typing import Annotated
from fastapi import FastAPI, Query, Response
from chalicelib.http import schemas
# FastAPI's documentation defers nothing.
schemas.Body.model_config["defer_build"] = schemas.View.model_config["defer_build"] = False

def shape(module, name, *of):
    found = getattr(importlib.import_module(module), name)
    return found[tuple(shape(*each) for each in of)] if of else found

api = FastAPI()
for method, path, status, body, query, answer in {routes!r}:
    def view(**given): ...
    view.__annotations__ = {{}}
    parameters = [("body", shape(*body))] if body else []
    parameters += [("query", Annotated[shape(*query), Query()])] if query else []
    code = "def view(" + ", ".join(f"{{name}}: kinds[{{name!r}}]" for name, _ in parameters) + "): ..."
    names = {{"kinds": dict(parameters)}}
    exec(code, names)
    model = shape(*answer) if answer and status != 204 else None
    api.add_api_route(path, names["view"], methods=[method], status_code=status, response_model=model)
handler = mangum.Mangum(api, lifespan="off")
"""
TABLE = """
import sys, json
sys.path.insert(0, {task!r})
import app

def named(model):
    generic = getattr(model, "__pydantic_generic_metadata__", None) or {{}}
    if generic.get("args"):
        origin = generic["origin"]
        return [origin.__module__, origin.__qualname__, *(named(each) for each in generic["args"])]
    return [model.__module__, model.__qualname__]

about = "chalicelib.http.publishing.routes"
told = [
    [route.method, route.path, route.status, route.body and named(route.body),
     named(route.query) if route.query.model_fields else None, route.answer and named(route.answer)]
    for route in app.app.table if route.view.__module__ != about
]
print(json.dumps(told))
"""
NAME = re.compile(r"[A-Za-z0-9._-]+")


def make(folder: Path, task: Path, python: Path) -> None:
    """FastAPI and Mangum with what they need and the package does not hold, compiled as the package is; all of it is
    Python alone, and so the development environment's own files serve for any Python."""
    wanted, copied = ["fastapi", "mangum"], set[str]()
    while wanted:
        name = wanted.pop().lower()
        if name not in copied | PACKAGED:
            copied.add(name)
            wanted += _copy(name, folder)
    command = [str(python), "-I", "-S", "-B", "-c", TABLE.format(task=str(task))]
    told = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=True).stdout
    routes = json.loads(told.splitlines()[-1])
    (folder / "same_api.py").write_text(SAME_API.format(stack=STACK, routes=routes))
    add_bytecode(folder, python)


def _copy(name: str, folder: Path) -> list[str]:
    """Copy the modules of `name`; the names of what it cannot do without."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return []  # for another Python than this one
    for file in found.files or ():
        if ".." not in file.parts and (file.suffix == ".py" or file.name in {"METADATA", "entry_points.txt"}):
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), target)
    needed = [line for line in found.requires or () if "extra ==" not in line]
    return [match[0] for line in needed if (match := NAME.match(line))]
